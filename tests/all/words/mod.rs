//! Numbers, shells and jobs in words.

mod schedule;
