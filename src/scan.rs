//! The pipeline: knows the order of the stages, and nothing else.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::compare::{self, Rules, Shorter};
use crate::config::{LARGEST, ScanConfig};
use crate::discover::{self, Candidate, Found};
use crate::measure::{self, Layout, Shard};
use crate::model::{
    BackupReport, Beside, BesideKind, Comparison, DateSource, Described, Device, Example, FileId,
    Inventory, LastBackup, Level, Listing, Manifest, ManifestFormat, Metadata, Report, Root,
    Severity, Subject,
};
use crate::platform::SYSTEM;
use crate::progress::{Event, Monitor};
use crate::read::manifest::Header;
use crate::read::manifest_db::{Database, Trouble};
use crate::read::{self, manifest_mbdb};
use crate::verify::{self, Evidence};
use crate::{advise, groups, plan, platform, products, shell};

/// Scans everything that `config` asks for.
///
/// # Errors
/// When the threads cannot be started.
pub fn scan(
    config: &ScanConfig,
    monitor: &Monitor<'_>,
) -> Result<(Report, Found), rayon::ThreadPoolBuildError> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(config.threads)
        .build()?;
    Ok(pool.install(|| run(config, monitor)))
}

fn run(config: &ScanConfig, monitor: &Monitor<'_>) -> (Report, Found) {
    let found = discover::find(&config.roots, monitor);
    monitor.tell(Event::Found {
        backups: found.backups.len(),
    });
    // One after the other: only one manifest is in memory at a time, and each keeps all threads
    // busy by itself.
    let mut backups = Vec::new();
    for candidate in &found.backups {
        monitor.tell(Event::Began {
            backup: &candidate.path,
        });
        let report = examine(candidate, config, monitor);
        // A look that was stopped half-way says nothing.
        if monitor.is_stopped() {
            break;
        }
        monitor.tell(Event::Judged {
            backup: &candidate.path,
        });
        backups.push(report);
    }
    let beside = found
        .beside
        .iter()
        .map(|(path, kind)| Beside {
            path: path.clone(),
            kind: *kind,
            bytes: match kind {
                BesideKind::Link => 0,
                _ if monitor.is_stopped() => 0,
                _ => measure::allocated(path),
            },
        })
        .collect();
    let plan = plan::make(&backups, &config.policy, config.now);
    let mut report = Report {
        advice: Vec::new(),
        zone: config.zone.clone(),
        started_at: config.now,
        finished_at: config.now,
        level: config.level,
        cancelled: monitor.is_stopped(),
        roots: config
            .roots
            .iter()
            .map(|path| Root {
                path: path.clone(),
                is_default: config.default_roots,
                volume: platform::volume(path),
            })
            .collect(),
        devices: devices(&backups, config.now),
        plan,
        backups,
        beside,
        problems: found.problems.clone(),
    };
    report.advice = advise::advise(&report, SYSTEM);
    (report, found)
}

/// Groups backups by device, in the order of identifiers; newest first within one. A backup whose
/// device is unknown stands alone.
pub fn devices(backups: &[BackupReport], now: Timestamp) -> Vec<Device> {
    let mut by_udid: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (at, backup) in backups.iter().enumerate() {
        match &backup.udid {
            Some(udid) => by_udid.entry(udid.clone()).or_default().push(at),
            None => unknown.push((None, vec![at])),
        }
    }
    let known = by_udid
        .into_iter()
        .map(|(udid, backups)| (Some(udid), backups));
    known
        .chain(unknown)
        .map(|(udid, mut members)| {
            members.sort_by_key(|at| {
                std::cmp::Reverse(backups[*at].last_backup.map(|backup| backup.at))
            });
            let name = members
                .iter()
                .find_map(|at| backups[*at].device.name.clone());
            Device {
                newest_good: plan::newest_good(backups, &members, now),
                udid,
                name,
                backups: members,
            }
        })
        .collect()
}

/// Looks at a backup, a second time if it changed meanwhile, and judges it.
fn examine(candidate: &Candidate, config: &ScanConfig, monitor: &Monitor<'_>) -> BackupReport {
    let mut look = Look::take(candidate, config, monitor);
    monitor.tell(Event::Looked {
        backup: &candidate.path,
    });
    let mut changing = false;
    if look.has_changed() {
        look = Look::take(candidate, config, monitor);
        monitor.tell(Event::Looked {
            backup: &candidate.path,
        });
        changing = look.has_changed();
    }
    let verification = verify::verify(&Evidence {
        metadata: &look.metadata,
        manifest: &look.manifest,
        inventory: &look.inventory,
        comparison: &look.comparison,
        changing,
        level: config.level,
        examples: config.examples_of(&candidate.path),
        now: config.now,
    });
    let Look {
        metadata,
        manifest,
        inventory,
        mut comparison,
        copy,
    } = look;
    let mut findings = verification.findings;
    let folder = &candidate.path;
    for finding in findings
        .iter_mut()
        .filter(|finding| finding.severity > Severity::Note)
    {
        let path = shell::quote(SYSTEM, &folder.to_string_lossy());
        finding.hint = Some(format!("bkscan show {path}"));
    }
    compare::keep_largest(&mut comparison.largest, LARGEST);
    let mut largest: Vec<_> = comparison
        .largest
        .iter()
        .map(|subject| subject.to_example())
        .collect();
    let nameable = findings
        .iter_mut()
        .filter(|finding| finding.id != "orphan-file");
    let nameable = nameable
        .flat_map(|finding| &mut finding.examples)
        .chain(&mut largest);
    name_examples(&metadata, copy.as_ref(), nameable);
    let status = metadata.status.value();
    let apps = metadata.info.value().map_or(&[][..], |info| &info.apps);
    BackupReport {
        path: folder.clone(),
        archived: metadata.archived,
        encrypted: metadata.encrypted(),
        manifest_format: metadata.manifest_file.map(|(_, format)| format),
        snapshot_state: status.and_then(|status| status.snapshot_state.clone()),
        backup_state: status.and_then(|status| status.backup_state.clone()),
        device: describe(&metadata),
        last_backup: last_backup(&metadata),
        status_date: status.and_then(|status| status.date),
        newest_change: inventory.newest_change,
        usage: inventory.usage,
        volume: platform::identity(folder)
            .ok()
            .flatten()
            .map(|(volume, _)| volume),
        shares_blocks: platform::volume(folder).is_none_or(|volume| volume.shares_blocks),
        only_info: inventory.only_info,
        links: inventory.links,
        manifest: manifest.listing().map(|listing| listing.counts),
        payloads: comparison.payloads,
        databases: comparison.databases.iter().copied().collect(),
        locked: matches!(manifest, Manifest::Locked),
        verdict: verification.verdict,
        checked: verification.checked,
        not_checked: verification.not_checked,
        findings,
        storage: groups::storage(&manifest, &comparison, apps),
        domains: groups::domains(&manifest, &comparison),
        largest,
        udid: metadata.udid,
    }
}

/// Fills in domain and path of the examples that only have a fileID.
fn name_examples<'a>(
    metadata: &Metadata,
    copy: Option<&Database>,
    examples: impl Iterator<Item = &'a mut Example>,
) {
    let mut examples: Vec<_> = examples
        .filter(|example| example.domain.is_none() && example.path.is_none())
        .filter_map(|example| {
            let id = FileId::parse(example.file_id.as_deref()?.as_bytes())?;
            Some((id, example))
        })
        .collect();
    let ids: Vec<FileId> = examples.iter().map(|(id, _)| *id).collect();
    let names = read::manifest::names(metadata, copy, &ids);
    for (id, example) in &mut examples {
        if let Some((domain, path)) = names.get(id) {
            example.domain = Some(domain.clone());
            example.path = Some(path.clone());
        }
    }
}

/// The device as Info.plist describes it; what is missing there, as Manifest.plist does (F§4.2).
fn describe(metadata: &Metadata) -> Described {
    let info = metadata.info.value().cloned().unwrap_or_default();
    let lockdown = metadata
        .manifest_plist
        .value()
        .map(|plist| plist.lockdown.clone())
        .unwrap_or_default();
    let product_type = info.product_type.or(lockdown.product_type);
    Described {
        name: info.device_name.or(lockdown.device_name),
        product_type: product_type.clone(),
        product_name: info
            .product_name
            .or_else(|| products::name(product_type.as_deref()?).map(str::to_owned)),
        ios_version: info.ios_version.or(lockdown.ios_version),
        build_version: info.build_version.or(lockdown.build_version),
        serial_number: info.serial_number.or(lockdown.serial_number),
    }
}

/// When the backup was made, by the order of F§4.3.
fn last_backup(metadata: &Metadata) -> Option<LastBackup> {
    let finished = metadata
        .status
        .value()
        .filter(|status| status.is_finished());
    [
        (
            metadata.manifest_plist.value().and_then(|plist| plist.date),
            DateSource::Manifest,
        ),
        (finished.and_then(|status| status.date), DateSource::Status),
        (
            metadata.info.value().and_then(|info| info.last_backup),
            DateSource::Info,
        ),
        (metadata.manifest_modified, DateSource::Mtime),
    ]
    .into_iter()
    .find_map(|(at, source)| Some(LastBackup { at: at?, source }))
}

/// One look at a backup: all that was read and measured.
struct Look {
    metadata: Metadata,
    manifest: Manifest,
    inventory: Inventory,
    comparison: Comparison,
    /// The private copy that the rows came from, where they came from one.
    copy: Option<Database>,
}

impl Look {
    fn take(candidate: &Candidate, config: &ScanConfig, monitor: &Monitor<'_>) -> Look {
        let folder = &candidate.path;
        let metadata = read::metadata::read(folder, &candidate.name);
        let looker = Looker {
            config,
            monitor,
            metadata: &metadata,
        };
        let mut copy = None;
        let (manifest, inventory, comparison) = match read::manifest::look(&metadata) {
            Header::Readable { .. } if config.level == Level::Quick => {
                looker.measure(Manifest::HeaderOnly)
            }
            Header::Readable {
                format: ManifestFormat::Sqlite,
                opaque,
            } => looker.database(opaque, &mut copy),
            Header::Readable {
                format: ManifestFormat::Mbdb,
                ..
            } => looker.mbdb(),
            Header::Settled(manifest) => looker.measure(manifest),
        };
        Look {
            metadata,
            manifest,
            inventory,
            comparison,
            copy,
        }
    }

    /// Whether the metadata files are other ones than before the look.
    fn has_changed(&self) -> bool {
        read::metadata::stamps(&self.metadata.folder) != self.metadata.stamps
    }
}

type Looked = (Manifest, Inventory, Comparison);

struct Looker<'a> {
    config: &'a ScanConfig,
    monitor: &'a Monitor<'a>,
    metadata: &'a Metadata,
}

impl Looker<'_> {
    fn is_in_full(&self) -> bool {
        self.config.in_full.as_ref() == Some(&self.metadata.folder)
    }

    /// How many examples of each kind to keep.
    fn keep(&self) -> usize {
        self.config.examples_of(&self.metadata.folder)
    }

    fn manifest_path(&self) -> std::path::PathBuf {
        let name = self
            .metadata
            .manifest_file
            .map_or("Manifest.db", |(name, _)| name);
        self.metadata.folder.join(name)
    }

    /// Reads a database, and a private copy of it in `copy` where it looks damaged without its -wal.
    fn database(&self, opaque: bool, copy: &mut Option<Database>) -> Looked {
        let path = self.manifest_path();
        let looked = self.look_into(&Database::immutable(&path), opaque);
        if !looks_damaged(&looked.0) {
            return looked;
        }
        // Contract §4 rule 9: rows may still be in the -wal of whoever opened the database last.
        match Database::with_wal(&path, &std::env::temp_dir(), &self.config.roots) {
            Ok(None) => looked,
            Ok(Some(with_wal)) => self.look_into(copy.insert(with_wal), opaque),
            Err(why) => {
                let (manifest, inventory, comparison) = looked;
                (unjudged(manifest, why), inventory, comparison)
            }
        }
    }

    /// Reads the rows, measures the folder beside them, and runs `quick_check` at the same time.
    fn look_into(&self, database: &Database, opaque: bool) -> Looked {
        let (checked, (mut manifest, inventory, comparison)) = rayon::join(
            || database.quick_check(),
            || {
                let rows = database.rows(opaque, self.keep(), self.monitor);
                self.measure(match rows {
                    Ok(listing) => Manifest::Listed(listing),
                    Err(Trouble::NoManifest(why)) => Manifest::Unreadable(why),
                    Err(Trouble::Damage(why)) => Manifest::Listed(Listing {
                        damage: vec![why],
                        opaque,
                        ..Listing::default()
                    }),
                    Err(Trouble::BeyondReader(why)) => Manifest::BeyondReader(why),
                    Err(Trouble::Denied(why)) => Manifest::Denied(why),
                })
            },
        );
        if let Manifest::Listed(listing) = &mut manifest {
            match checked {
                Ok(None) => {}
                Ok(Some(complaint)) => listing.damage.push(complaint),
                Err(Trouble::NoManifest(why) | Trouble::Damage(why)) => listing.damage.push(why),
                Err(Trouble::BeyondReader(why)) => {
                    listing.unjudged.get_or_insert(why);
                }
                Err(Trouble::Denied(why)) => manifest = Manifest::Denied(why),
            }
        }
        (manifest, inventory, comparison)
    }

    fn mbdb(&self) -> Looked {
        let rows = manifest_mbdb::rows(&self.manifest_path(), self.keep(), self.monitor);
        self.measure(match rows {
            Ok((listing, None)) => Manifest::Listed(listing),
            Ok((listing, Some(why))) => Manifest::Cut(listing, why),
            Err(error) => Manifest::Denied(error.to_string()),
        })
    }

    /// Measures the folder, and compares it with the manifest's rows where there are any.
    fn measure(&self, manifest: Manifest) -> Looked {
        let Looker {
            config,
            monitor,
            metadata,
        } = *self;
        let listing = manifest.listing();
        let locked = matches!(manifest, Manifest::Locked) && config.level > Level::Quick;
        let rules = Rules {
            listed: listing.is_some(),
            encrypted: metadata.encrypted() == Some(true),
            presence_only: listing.is_some_and(|listing| listing.opaque),
            keep: self.keep(),
            largest: if self.is_in_full() { LARGEST } else { 0 },
        };
        let format = metadata.manifest_file.map(|(_, format)| format);
        let layout = Layout {
            format: format.filter(|_| listing.is_some() || locked),
            moving: metadata.in_snapshot,
            horizon: SystemTime::from(config.now) + Duration::from_secs(24 * 60 * 60),
            keep: self.keep(),
        };
        let (inventory, comparison) =
            measure::take(&metadata.folder, layout, monitor, |shard: Shard<'_>| {
                let records = listing.map(|listing| listing.shard(shard.number));
                let (mut comparison, shorter) = compare::compare(
                    records.as_deref().unwrap_or_default(),
                    shard.payloads,
                    shard.readable,
                    &rules,
                );
                for payload in shorter {
                    let Shorter { id, size, recorded } = payload;
                    if self.is_sqlite(&payload, layout) {
                        comparison
                            .size_differs
                            .add(Subject::of(id, size), rules.keep);
                    } else {
                        comparison
                            .shorter
                            .add(Subject::of(id, recorded - size), rules.keep);
                    }
                }
                comparison
            });
        (manifest, inventory, comparison)
    }

    /// Whether a payload begins like a SQLite database, which the device compacts (F§9.3). A file
    /// that is only in a cloud is not opened, and counts as one: then nothing is said of it.
    fn is_sqlite(&self, payload: &Shorter, layout: Layout) -> bool {
        let name = payload.id.to_string();
        let shard = &name[..2];
        let relative = match layout.format {
            Some(ManifestFormat::Mbdb) => name.clone(),
            _ => format!("{shard}/{name}"),
        };
        let folder = &self.metadata.folder;
        let moved = layout
            .moving
            .then(|| folder.join("Snapshot").join(&relative));
        moved
            .into_iter()
            .chain([folder.join(&relative)])
            .find_map(|path| begins_like_sqlite(&path))
            != Some(false)
    }
}

/// `None` where there is no such file or it cannot be opened.
fn begins_like_sqlite(path: &Path) -> Option<bool> {
    if platform::is_cloud_only(&path.symlink_metadata().ok()?) {
        return None;
    }
    let mut bytes = [0; 16];
    let mut file = platform::open_regular(path).ok()?;
    Some(match file.read_exact(&mut bytes) {
        Ok(()) => read::manifest::is_sqlite(&bytes),
        // Shorter than any database.
        Err(_) => false,
    })
}

fn looks_damaged(manifest: &Manifest) -> bool {
    match manifest {
        Manifest::Listed(listing) => !listing.damage.is_empty(),
        Manifest::Unreadable(_) => true,
        _ => false,
    }
}

/// The same manifest, whose damage cannot be judged.
fn unjudged(manifest: Manifest, why: String) -> Manifest {
    match manifest {
        Manifest::Listed(mut listing) => {
            listing.damage.clear();
            listing.unjudged = Some(why);
            Manifest::Listed(listing)
        }
        Manifest::Unreadable(_) => Manifest::BeyondReader(why),
        other => other,
    }
}
