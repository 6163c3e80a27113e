//! What is to change for a job, whoever keeps it.

/// Something that is to change.
pub trait Change {
    /// What would be written or called, a line each.
    fn told(&self) -> Vec<String>;

    /// Changes it.
    ///
    /// # Errors
    /// Why it did not become what it should.
    fn make(&self) -> Result<(), Failed>;
}

/// Why nothing changed.
pub struct Failed {
    /// Why.
    pub why: String,
    /// Whether all is as it was, or why not.
    pub is_put_back: Result<(), String>,
}

impl Failed {
    /// Before anything was changed.
    pub fn untouched(why: String) -> Failed {
        Failed {
            why,
            is_put_back: Ok(()),
        }
    }
}
