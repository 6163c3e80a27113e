//! How a command ends without its result. It is told once, where the program ends.

use std::borrow::Cow;

use super::exit_code::Exit;

/// A line for stderr.
#[derive(Debug, PartialEq, Eq)]
pub struct Remark {
    /// In full. It may quote names of whatever kind.
    pub full: String,
    /// The same without anything personal; nothing where it is not told then at all.
    pub redacted: Option<Cow<'static, str>>,
    /// Whether it is text of our own, which may have several lines.
    pub has_lines: bool,
}

impl Remark {
    /// A line that is told in full or in other words.
    pub fn new(redacted: impl Into<Cow<'static, str>>, full: impl Into<String>) -> Remark {
        Remark {
            full: full.into(),
            redacted: Some(redacted.into()),
            has_lines: false,
        }
    }

    /// A line with nothing personal in it.
    pub fn plain(text: impl Into<String>) -> Remark {
        let full = text.into();
        Remark {
            redacted: Some(full.clone().into()),
            full,
            has_lines: false,
        }
    }

    /// Lines of our own.
    pub fn lines(text: impl Into<String>) -> Remark {
        Remark {
            has_lines: true,
            ..Remark::plain(text)
        }
    }

    /// A line that is told in full or not at all.
    pub fn personal(full: impl Into<String>) -> Remark {
        Remark {
            full: full.into(),
            redacted: None,
            has_lines: false,
        }
    }
}

/// Why a command ends, and the exit code.
#[derive(Debug, PartialEq, Eq)]
pub struct Stop {
    /// The exit code.
    pub exit: Exit,
    /// What is told, line by line.
    pub remarks: Vec<Remark>,
}

impl Stop {
    /// The command line is wrong, in these words.
    pub fn usage(remark: Remark) -> Stop {
        Stop::new(Exit::USAGE, remark)
    }

    /// Something could not be looked at, in these words.
    pub fn could_not_look(remark: Remark) -> Stop {
        Stop::new(Exit::COULD_NOT_LOOK, remark)
    }

    /// An end with this code, told in these words.
    pub fn new(exit: Exit, remark: Remark) -> Stop {
        Stop {
            exit,
            remarks: vec![remark],
        }
    }

    /// An end of which nothing more is to be told.
    pub fn told(exit: Exit) -> Stop {
        Stop {
            exit,
            remarks: Vec::new(),
        }
    }

    /// The same with more to tell.
    pub fn and(mut self, remarks: impl IntoIterator<Item = Remark>) -> Stop {
        self.remarks.extend(remarks);
        self
    }
}
