//! What is known without a backup, held against the samples.

mod products;
