//! One backup, looked at as a scan does it, with what whoever mends it needs besides the report: its rows,
//! its keys, and the database that they came from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cover::Asked;
use crate::crypto::ClassKeys;
use crate::crypto::keyring::Keyring;
use crate::find::Candidate;
use crate::model::options::ScanOptions;
use crate::model::progress::{Event, Monitor};
use crate::model::{BackupReport, Manifest, Metadata};
use crate::read;
use crate::read::database::Database;

use super::assemble::Rest;
use super::looker::Looker;
use super::threads::{self, NoThreads};

/// One backup, judged, with all of its examples.
pub struct Closely {
    /// As a scan has it.
    pub report: BackupReport,
    /// Its property lists.
    pub metadata: Metadata,
    /// Its rows.
    pub manifest: Manifest,
    /// The database that they came from, where it is not the backup's own as it lies there.
    pub opened: Option<Database>,
    /// Its keys, where a password opened them.
    pub keys: Option<Arc<ClassKeys>>,
}

/// Looks at the backup in `folder` as if that were called `name`. Writes nothing.
///
/// # Errors
/// When the threads cannot be started.
pub fn look(
    folder: &Path,
    name: &str,
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Result<Closely, NoThreads> {
    let config = ScanOptions {
        roots: vec![folder.to_owned()],
        in_full: Some(folder.to_owned()),
        ..config.clone()
    };
    let candidate = Candidate {
        path: folder.to_owned(),
        name: name.to_owned(),
        in_trash: false,
    };
    threads::on(config.threads, || {
        run(&candidate, &config, keyring, monitor)
    })
}

fn run(
    candidate: &Candidate,
    config: &ScanOptions,
    keyring: &Keyring<'_>,
    monitor: &Monitor<'_>,
) -> Closely {
    if keyring.has_passwords() {
        read::database::expect_decryption();
    }
    let backup: &PathBuf = &candidate.path;
    monitor.tell(Event::Found { backups: 1 });
    monitor.tell(Event::Began { backup });
    let looker = Looker {
        config,
        monitor,
        keyring,
        ledger: None,
        asked: Asked::default(),
        one_pass: true,
        past_the_end: true,
        is_second: false,
    };
    let (report, rest) = super::examine_closely(candidate, looker);
    monitor.tell(Event::Judged { backup: &report });
    let Rest {
        metadata,
        manifest,
        opened,
        keys,
    } = rest;
    Closely {
        report,
        metadata,
        manifest,
        opened,
        keys,
    }
}
