//! Tests of what a mend decides.
