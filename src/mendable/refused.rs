//! Why nothing is mended.

/// Why nothing is mended: nothing was written, or nothing but a folder that nobody takes for a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Of what kind.
    pub kind: Kind,
    /// In full; it may quote names.
    pub full: String,
    /// The same without anything personal.
    pub redacted: String,
}

/// What kind of end it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It cannot be mended, or was not.
    Failed,
    /// Something could not be looked at.
    CouldNotLook,
    /// A signal came.
    Stopped,
}

impl Refused {
    /// With nothing personal in the words.
    pub fn plain(text: impl Into<String>) -> Refused {
        let full = text.into();
        Refused {
            kind: Kind::Failed,
            redacted: full.clone(),
            full,
        }
    }

    /// In two wordings: without anything personal, and in full.
    pub fn new(redacted: impl Into<String>, full: impl Into<String>) -> Refused {
        Refused {
            kind: Kind::Failed,
            full: full.into(),
            redacted: redacted.into(),
        }
    }

    /// The same because something could not be looked at.
    pub fn unseen(self) -> Refused {
        Refused {
            kind: Kind::CouldNotLook,
            ..self
        }
    }

    /// Because a signal came.
    pub fn stopped() -> Refused {
        Refused {
            kind: Kind::Stopped,
            ..Refused::plain("stopped before the end: there is no mended backup")
        }
    }
}
