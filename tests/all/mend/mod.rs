//! `bkscan mend`: a consistent backup in a new folder, from what can be read of a damaged one (contract §11).

mod by_hand;
