//! What may go: what must hold of every plan.

mod invariant;
