//! Each kind of loss as a sentence.

use super::*;
