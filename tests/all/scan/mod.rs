//! The order of the stages.

mod both_ways;
