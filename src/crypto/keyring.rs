//! The keys of encrypted backups, derived from passwords: once a keybag, because that takes about a second.

use std::sync::{Arc, Mutex, PoisonError};

use crate::crypto::{self, ClassKeys, NotOpened};
use crate::model::sources::Passwords;
use crate::model::{Access, Keybag, Udid};

/// The keybags that were opened so far, or could not be.
pub struct Keyring<'a> {
    passwords: Option<&'a dyn Passwords>,
    tried: Mutex<Vec<Tried>>,
}

/// A keybag of a device, and what came of it.
struct Tried {
    udid: Option<Udid>,
    keybag: Keybag,
    opened: Opened,
}

/// What came of a keybag: its keys, where it is open.
pub type Opened = (Access, Option<Arc<ClassKeys>>);

impl<'a> Keyring<'a> {
    /// No keys yet.
    pub fn new(passwords: Option<&'a dyn Passwords>) -> Keyring<'a> {
        Keyring {
            passwords,
            tried: Mutex::default(),
        }
    }

    /// Whether there may be passwords.
    pub fn has_passwords(&self) -> bool {
        self.passwords.is_some()
    }

    /// What was opened so far, with other passwords to open more.
    pub fn with<'b>(self, passwords: Option<&'b dyn Passwords>) -> Keyring<'b> {
        Keyring {
            passwords,
            tried: self.tried,
        }
    }

    /// Whether no password opened anything, and what was tried, each time because it was wrong.
    pub fn is_all_wrong(&self) -> bool {
        let tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let mut opened = tried.iter().map(|tried| &tried.opened.0);
        !tried.is_empty() && opened.all(|access| *access == Access::Wrong)
    }

    /// What was opened so far, without passwords to open more.
    pub fn closed(self) -> Keyring<'static> {
        self.with(None)
    }

    /// Opens a keybag of this device. The first time it takes about a second, and as long as whoever is
    /// asked for the password.
    pub fn open(&self, udid: Option<&Udid>, keybag: &Keybag) -> Opened {
        let tried = || self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        let is_this = |tried: &&Tried| tried.udid.as_ref() == udid && tried.keybag == *keybag;
        if let Some(tried) = tried().iter().find(is_this) {
            return tried.opened.clone();
        }
        let Some(passwords) = self.passwords else {
            return (Access::NoPassword, None);
        };
        let opened = match passwords.password(udid) {
            Err(why) => (Access::Unavailable(why.to_string()), None),
            Ok(None) => (Access::NoPassword, None),
            Ok(Some(password)) => match crypto::open(keybag, &password) {
                Ok(keys) => (Access::Open, Some(Arc::new(keys))),
                Err(NotOpened::WrongPassword) => (Access::Wrong, None),
                Err(NotOpened::Refused(why)) => (Access::Refused(why), None),
            },
        };
        tried().push(Tried {
            udid: udid.cloned(),
            keybag: keybag.clone(),
            opened: opened.clone(),
        });
        opened
    }
}
