//! Finds the backups under the paths that were given (contract §1, F§1.1, F§2). Lists folders and
//! looks at names; judges nothing.

pub(crate) mod in_clutter;
mod listing;
mod payloads_alone;
pub mod places;
mod ways;

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use crate::facts::names;
use crate::model::progress::Monitor;
use crate::model::{BesideKind, Problem, Udid};
use crate::read;
use crate::system::{self, Kind, SYSTEM};

use in_clutter::is_backup_in_clutter;
use listing::{Entry, is_alias, is_empty_of_device, list, list_seeing, list_without_payloads};
use payloads_alone::has_many_payloads;

/// How many levels below a path are searched for a backup, a `Backup` or a `MobileSync`.
const LEVELS: u32 = 3;

/// How many levels inside a backup another one is looked for.
const LEVELS_INSIDE: u32 = 3;

/// A folder that looks like a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Below the path as it was given.
    pub path: PathBuf,
    /// The folder's own name, where the path is a link or ends in `.` the real one.
    pub name: String,
    /// Whether it lies in a trash or a snapshot.
    pub in_trash: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The backups, in the order of roots and names; each folder once.
    pub backups: Vec<Candidate>,
    /// What lies beside them.
    pub beside: Vec<(PathBuf, BesideKind)>,
    /// What could not be looked at, or was left alone on purpose.
    pub problems: Vec<Problem>,
    /// Folders that macOS or their permissions kept closed: path, and whether the error was
    /// "Operation not permitted".
    pub closed: Vec<(PathBuf, bool)>,
}

/// The backup that a file at `path`, which need not be there yet, would lie in, if any: by the files that
/// it has, all links resolved.
pub fn backup_around(path: &Path) -> Option<PathBuf> {
    let folder = folder_around(path)?;
    let mut folders = folder.ancestors();
    folders
        .find(|folder| has_marker(folder))
        .map(Path::to_owned)
}

/// The innermost folder that is there of those around a file, all links resolved.
fn folder_around(path: &Path) -> Option<PathBuf> {
    let (folder, _) = system::place(path);
    folder.ancestors().find_map(|one| one.canonicalize().ok())
}

fn has_marker(folder: &Path) -> bool {
    let markers = Markers::of(&list(folder).0);
    markers.plist || markers.database
}

/// Whether a file at `path`, which need not be there yet, would lie where Apple's software keeps backups
/// (below a `Backup` in a `MobileSync`), or directly beside one, all links resolved.
pub fn is_beside_backups(path: &Path) -> bool {
    let Some(folder) = folder_around(path) else {
        return false;
    };
    let mut around = folder.ancestors();
    let is_place = around.any(|folder| {
        folder.file_name().is_some_and(names::is_backups_folder)
            && folder.parent().is_some_and(is_mobile_sync)
    });
    let holds_backup = || {
        let entries = list(&folder).0;
        let mut folders = entries.iter().filter(|entry| entry.kind == Kind::Folder);
        folders.any(|folder| has_marker(&folder.path))
    };
    is_place || holds_backup()
}

/// Finds the backups under `roots`. Never fails: what cannot be looked at becomes a problem.
pub fn find(roots: &[PathBuf], monitor: &Monitor<'_>) -> Found {
    let mut search = Search::new(monitor);
    for root in roots {
        search.root(root);
    }
    search.tell_thrown_away();
    search.tell_of_thrown_away_below();
    search.name_once();
    search.found
}

struct Search<'a> {
    found: Found,
    /// Folders that were or are being visited, by device and inode: what came of it, and how many levels below
    /// them were searched.
    seen: HashMap<(u64, u64), (Visit, u32)>,
    /// Backups in a trash or a snapshot that lies on the way.
    thrown_away: Vec<(PathBuf, BesideKind)>,
    /// The paths that were given and are folders, by device and inode.
    roots: HashSet<(u64, u64)>,
    /// Which of the problems say that there is no backup under a path.
    none_under: Vec<usize>,
    monitor: &'a Monitor<'a>,
}

/// Where a folder stands on the way to the backups.
#[derive(Clone, Copy)]
struct Position {
    /// Levels that may still be searched below it.
    levels: u32,
    /// Whether it is directly inside a folder named `Backup`.
    in_backup: bool,
    /// Whether it lies inside a `MobileSync` or `Backup`.
    inside_place: bool,
    /// Whether it was named on the command line.
    is_root: bool,
    /// Whether it lies in a trash or a snapshot.
    in_trash: bool,
}

/// What a visit of a folder came to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    /// It is a backup.
    Backup,
    /// It holds backups somewhere below, or is one that was found before.
    Holds,
    /// Nothing of that kind.
    Nothing,
    /// It could not be read.
    Closed,
}

fn is_named(name: &OsStr, wanted: &str) -> bool {
    name.to_str()
        .is_some_and(|name| name.eq_ignore_ascii_case(wanted))
}

/// Whether a folder may hold backups by its name.
fn is_place(name: &OsStr) -> bool {
    is_named(name, "MobileSync") || names::is_backups_folder(name)
}

/// Whether a folder is a program, which also has an Info.plist.
fn is_app_bundle(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("app"))
}

/// Which of a backup's metadata files a folder has.
#[derive(Clone, Copy, Default)]
struct Markers {
    info: bool,
    plist: bool,
    database: bool,
}

impl Markers {
    fn of(entries: &[Entry]) -> Markers {
        let mut markers = Markers::default();
        for entry in entries {
            let name = entry.name.to_str();
            // What is in a cloud is there.
            match name.map(|name| names::in_place_of(name).unwrap_or(name)) {
                Some("Info.plist") => markers.info = true,
                Some("Manifest.plist" | "Status.plist") => markers.plist = true,
                Some("Manifest.db" | "Manifest.mbdb") => markers.database = true,
                _ => {}
            }
        }
        markers
    }
}

/// The folder's own name: that of what a link leads to where the link is named otherwise.
pub fn real_name(path: &Path) -> String {
    let typed = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    match typed {
        Some(name) if Udid::from_folder_name(&name).is_some() => name,
        typed => {
            let resolved = path.canonicalize().ok();
            let resolved = resolved.as_deref().and_then(Path::file_name);
            match resolved.map(|name| name.to_string_lossy().into_owned()) {
                Some(name) if typed.is_none() || Udid::from_folder_name(&name).is_some() => name,
                _ => typed.unwrap_or_default(),
            }
        }
    }
}

/// Whether a path, all links resolved, leads through a place that holds no backups of its own.
fn is_in_trash(path: &Path) -> bool {
    let is_no_place = |name: &OsStr| names::no_place(name).is_some();
    path.file_name().is_some_and(is_no_place)
        || path
            .canonicalize()
            .is_ok_and(|real| real.iter().any(is_no_place))
}

impl<'a> Search<'a> {
    fn new(monitor: &'a Monitor<'a>) -> Search<'a> {
        Search {
            found: Found::default(),
            seen: HashMap::new(),
            thrown_away: Vec::new(),
            roots: HashSet::new(),
            none_under: Vec::new(),
            monitor,
        }
    }

    fn problem(&mut self, path: &Path, message: String, blocking: bool) {
        self.found.problems.push(Problem {
            path: path.to_owned(),
            message,
            blocking,
            known: false,
        });
    }

    fn closed(&mut self, path: &Path, error: &io::Error, blocking: bool) {
        let privacy = error.raw_os_error() == Some(1);
        if blocking && error.kind() == io::ErrorKind::PermissionDenied {
            self.found.closed.push((path.to_owned(), privacy));
        }
        self.problem(
            path,
            format!(
                "{} could not be opened: {}",
                path.display(),
                system::in_words(error)
            ),
            blocking,
        );
    }

    fn root(&mut self, root: &Path) {
        if !self.is_reachable(root) {
            return;
        }
        match root.metadata() {
            Ok(metadata) if !metadata.is_dir() => {
                return self.problem(root, places::no_folder(root), true);
            }
            Err(error) => return self.closed(root, &error, true),
            Ok(_) => {}
        }
        // The same folder, typed in another way or through a link, is looked at and told of once.
        if let Ok(Some(identity)) = system::identity(root)
            && !self.roots.insert(identity)
        {
            return;
        }
        let troubles = self.blocking();
        let in_backup = root.canonicalize().is_ok_and(|real| {
            real.parent()
                .is_some_and(|up| up.file_name().is_some_and(names::is_backups_folder))
        });
        let position = Position {
            levels: LEVELS,
            in_backup,
            inside_place: in_backup,
            is_root: true,
            in_trash: is_in_trash(root),
        };
        let before = self.found.backups.len();
        let mut visit = self.visit(root, position);
        if matches!(visit, Visit::Nothing | Visit::Holds) {
            let mut further = self.of_user(root, position);
            if is_users(root) {
                further |= self.of_users(root, position);
            }
            if further {
                visit = Visit::Holds;
                let found = &mut self.found.backups[before..];
                found.sort_by(|one, other| one.path.cmp(&other.path));
            }
        }
        if visit == Visit::Nothing && self.blocking() == troubles && !self.has_trouble_below(root) {
            self.none_under.push(self.found.problems.len());
            self.problem(root, places::none_found(root, SYSTEM, &[]), true);
        }
    }

    /// Whether something was told of this path or below it that may be why no backup was found.
    fn has_trouble_below(&self, root: &Path) -> bool {
        let real = root.canonicalize().ok();
        let is_below = |path: &Path| {
            let resolved = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
            path.starts_with(root)
                || (real.as_ref()).is_some_and(|real| {
                    resolved().is_some_and(|resolved| resolved.starts_with(real))
                })
        };
        let mut problems = self.found.problems.iter().enumerate();
        problems.any(|(at, problem)| {
            problem.blocking && !self.none_under.contains(&at) && is_below(&problem.path)
        })
    }

    /// Leaves out what lies beside backups and was seen from two paths.
    fn name_once(&mut self) {
        let mut seen = HashSet::new();
        self.found.beside.retain(|(path, _)| {
            let folder = path.parent().and_then(|folder| {
                let folder = match folder.as_os_str().is_empty() {
                    true => Path::new("."),
                    false => folder,
                };
                system::identity(folder).ok().flatten()
            });
            folder.is_none() || seen.insert((folder, path.file_name().map(OsStr::to_owned)))
        });
    }

    /// Says where there is no backup under a path, but some in a trash or a snapshot there.
    fn tell_of_thrown_away_below(&mut self) {
        for at in &self.none_under {
            let problem = &mut self.found.problems[*at];
            let is_below = |(path, kind): &&(PathBuf, BesideKind)| {
                matches!(kind, BesideKind::Trash | BesideKind::Snapshot)
                    && path.starts_with(&problem.path)
            };
            let below: Vec<_> = self.found.beside.iter().filter(is_below).collect();
            problem.message = places::none_found(&problem.path, SYSTEM, &below);
        }
    }

    fn blocking(&self) -> usize {
        self.found
            .problems
            .iter()
            .filter(|problem| problem.blocking)
            .count()
    }

    /// Whether something is at `path`, links followed; else a problem that says which it is: no
    /// such path, a link that leads nowhere, a disk that is away.
    fn is_reachable(&mut self, path: &Path) -> bool {
        match path.metadata() {
            // A link that cannot be followed for another reason leads in a circle.
            Err(error) if system::is_absence(&error) || is_circle(path, &error) => {
                let missing = places::why_missing(
                    path,
                    SYSTEM,
                    |path| path.read_link().ok(),
                    |path| path.exists(),
                );
                self.problem(path, missing.message(path), true);
                false
            }
            _ => true,
        }
    }

    fn visit(&mut self, dir: &Path, position: Position) -> Visit {
        if self.monitor.is_stopped() || is_app_bundle(dir) {
            return Visit::Nothing;
        }
        let Ok(Some(identity)) = system::identity(dir) else {
            return self.visit_new(dir, position);
        };
        match self.seen.get(&identity) {
            Some((Visit::Backup, _)) => return Visit::Holds,
            // From another path it may be searched further down.
            Some((visit, levels)) if *levels >= position.levels => return *visit,
            _ => {}
        }
        // A folder on the way to itself, through a link, holds nothing that is not found anyway.
        let visiting = (Visit::Nothing, position.levels);
        self.seen.insert(identity, visiting);
        let visit = self.visit_new(dir, position);
        self.seen.insert(identity, (visit, position.levels));
        visit
    }

    fn visit_new(&mut self, dir: &Path, position: Position) -> Visit {
        let is_place = dir.file_name().is_some_and(is_place);
        let (entries, errors) = match is_place {
            true => list(dir),
            // The folder of an old backup may hold a million payloads, whose names nobody needs here.
            false => list_without_payloads(dir),
        };
        let markers = Markers::of(&entries);
        if markers.plist && !is_place {
            return self.backup(dir, real_name(dir), &entries, position);
        }
        // Only then could something that was asked for not be looked at (contract §1).
        let asked_for = position.is_root || position.inside_place || is_place;
        for error in &errors {
            self.closed(dir, error, asked_for);
        }
        let name = real_name(dir);
        let of_device = Udid::from_folder_name(&name).is_some();
        if !errors.is_empty() && entries.is_empty() {
            // A backup by its name: it is one that cannot be looked at.
            if of_device && position.in_backup {
                return self.backup(dir, name, &entries, position);
            }
            return Visit::Closed;
        }
        let info_alone = markers.info && (position.in_backup || of_device || is_of_device(dir));
        if markers.plist || markers.database || info_alone {
            // A tool that was pointed one level off leaves a Manifest.db of its own in the folder
            // that holds the backups (F§18).
            let may_be_stray = is_place || !(markers.plist || markers.info);
            let (beside, problems) = (self.found.beside.len(), self.found.problems.len());
            let thrown_away = self.thrown_away.len();
            if may_be_stray && self.children(dir, &entries, position) == Visit::Holds {
                let message = format!(
                    "{} holds a backup's metadata file beside whole backups; another tool may have \
                     left it, it was ignored",
                    dir.display()
                );
                self.problem(dir, message, false);
                return Visit::Holds;
            }
            // What was seen in there are its own files.
            self.found.beside.truncate(beside);
            self.found.problems.truncate(problems);
            self.thrown_away.truncate(thrown_away);
            return self.backup(dir, name, &entries, position);
        }
        // What was set aside while a backup was being made is none, nor is what other tools keep of one.
        let is_apart = name == "Snapshot" || names::companion(&name).is_some();
        if !is_place
            && !is_apart
            && has_many_payloads(dir, &entries, of_device || position.in_backup)
        {
            return self.backup(dir, name, &entries, position);
        }
        self.children(dir, &entries, position)
    }

    /// A backup, in which others are looked for.
    fn backup(&mut self, dir: &Path, name: String, entries: &[Entry], position: Position) -> Visit {
        self.found.backups.push(Candidate {
            path: dir.to_owned(),
            name,
            in_trash: position.in_trash || is_in_trash(dir),
        });
        // It may be mounted into itself.
        self.is_known_backup(dir);
        self.inside(entries, position, LEVELS_INSIDE, false);
        Visit::Backup
    }

    /// Looks for backups in the folders of a backup (contract §1). No link is followed there, and what
    /// cannot be opened is said when the backup is looked at.
    fn inside(&mut self, entries: &[Entry], position: Position, levels: u32, in_clutter: bool) {
        for Entry { name, path, kind } in entries {
            if *kind != Kind::Folder || names::is_own_folder(name) || self.monitor.is_stopped() {
                continue;
            }
            if let Some(kind) = names::no_place(name).filter(|_| !position.in_trash) {
                self.in_trash(path, kind);
                continue;
            }
            let in_clutter = in_clutter || names::is_clutter_folder(name);
            let mut inside = names::Inside::default();
            let (below, _) = list_seeing(path, |name| inside.add(name));
            let name = name.to_string_lossy();
            let is_backup = match in_clutter {
                true => is_backup_in_clutter(path),
                false => inside.is_backup(&name),
            };
            if !is_backup {
                if levels > 1 {
                    self.inside(&below, position, levels - 1, in_clutter);
                }
            } else if !self.is_known_backup(path) {
                self.backup(path, name.into_owned(), &below, position);
            }
        }
    }

    /// Whether a backup was found before; from now on it was.
    fn is_known_backup(&mut self, path: &Path) -> bool {
        let Ok(Some(identity)) = system::identity(path) else {
            return false;
        };
        let before = self.seen.insert(identity, (Visit::Backup, 0));
        matches!(before, Some((Visit::Backup | Visit::Holds, _)))
    }

    /// Looks for backups in a trash or a snapshot, only to name them. Nothing in there is a problem.
    fn in_trash(&mut self, dir: &Path, kind: BesideKind) {
        let mut search = Search::new(self.monitor);
        let position = Position {
            levels: LEVELS,
            in_backup: false,
            inside_place: false,
            is_root: false,
            in_trash: true,
        };
        search.visit(dir, position);
        let backups = search.found.backups.into_iter();
        self.thrown_away
            .extend(backups.map(|backup| (backup.path, kind)));
    }

    /// Names the backups in a trash or a snapshot, each once, unless they are judged because another path
    /// lies there; one that lies in another one is part of it.
    fn tell_thrown_away(&mut self) {
        let mut last: Option<PathBuf> = None;
        for (path, kind) in std::mem::take(&mut self.thrown_away) {
            // They were found right after the one that they lie in.
            let is_part = last.as_ref().is_some_and(|last| path.starts_with(last));
            if !is_part && !self.is_known_backup(&path) {
                self.found.beside.push((path.clone(), kind));
                last = Some(path);
            }
        }
    }

    /// Looks where each user has backups, below a folder that is called `Users` (contract §1); says whether
    /// there are any.
    fn of_users(&mut self, users: &Path, position: Position) -> bool {
        let mut holds = false;
        for user in list(users)
            .0
            .iter()
            .filter(|user| user.kind == Kind::Folder)
        {
            holds |= self.of_user(&user.path, position);
        }
        holds
    }

    /// Looks where a user has backups, below the user's folder.
    fn of_user(&mut self, user: &Path, position: Position) -> bool {
        let below = Position {
            levels: 2,
            in_backup: false,
            inside_place: false,
            is_root: false,
            in_trash: position.in_trash,
        };
        let mut holds = false;
        for place in ways::of_user(user) {
            holds |= matches!(self.visit(&place, below), Visit::Backup | Visit::Holds);
        }
        holds
    }

    fn children(&mut self, dir: &Path, entries: &[Entry], position: Position) -> Visit {
        let is_backup_folder = dir.file_name().is_some_and(names::is_backups_folder)
            || dir
                .canonicalize()
                .is_ok_and(|real| real.file_name().is_some_and(names::is_backups_folder));
        let mut holds_directly = false;
        let mut holds = false;
        let mut links = Vec::new();
        let mut others = Vec::new();
        for entry in entries {
            let Entry { name, path, kind } = entry;
            if names::is_clutter_folder(name) || *kind != Kind::Folder && names::is_clutter(name) {
                continue;
            }
            // What was thrown away may link to what was not.
            if *kind == Kind::Link && (!is_place(name) || position.in_trash) {
                links.push(path.to_owned());
                continue;
            }
            let thrown_away = names::no_place(name).filter(|_| *kind == Kind::Folder);
            if let Some(thrown_away) = thrown_away.filter(|_| !position.in_trash) {
                self.in_trash(path, thrown_away);
                continue;
            }
            if *kind == Kind::Folder && is_named(name, "Users") {
                holds |= self.of_users(path, position);
            }
            if let Some(companion) = names::companion(&name.to_string_lossy()) {
                self.found.beside.push((path.to_owned(), companion));
                continue;
            }
            if *kind == Kind::Link && !self.is_reachable(path) {
                continue;
            }
            if !(*kind == Kind::Folder || *kind == Kind::Link && path.is_dir()) {
                let is_alias = *kind == Kind::File && is_place(name) && is_alias(path);
                if is_alias
                    || *kind == Kind::File && names::is_backups_folder(name) && is_mobile_sync(dir)
                {
                    self.problem(path, places::no_folder(path), true);
                }
                if !(*kind == Kind::File && names::is_mended_record(&name.to_string_lossy())) {
                    others.push(path.to_owned());
                }
                continue;
            }
            let in_place =
                position.inside_place || is_backup_folder || dir.file_name().is_some_and(is_place);
            let Some(below) = position.below(name, is_backup_folder, in_place) else {
                continue;
            };
            match self.visit(path, below) {
                Visit::Backup => {
                    holds_directly = true;
                    holds = true;
                }
                Visit::Holds => holds = true,
                Visit::Nothing => others.push(path.to_owned()),
                Visit::Closed => {}
            }
        }
        if holds_directly || is_backup_folder {
            for link in links {
                let target = link.read_link().ok().filter(|_| !link.exists());
                let message = places::not_followed(&link, target.as_deref());
                self.problem(&link, message, false);
                self.found.beside.push((link, BesideKind::Link));
            }
        }
        if is_backup_folder {
            for path in others.iter().filter(|path| is_empty_of_device(path)) {
                self.problem(path, places::empty(path), false);
            }
            let others = others.into_iter().map(|path| (path, BesideKind::Other));
            self.found.beside.extend(others);
        }
        if holds { Visit::Holds } else { Visit::Nothing }
    }
}

impl Position {
    /// The position of a folder named `name` in this one; `None` where it is too deep.
    fn below(self, name: &OsStr, in_backup: bool, inside_place: bool) -> Option<Position> {
        let left = self.levels.checked_sub(1)?;
        // "A folder that holds any of these up to three levels down": once `MobileSync` or `Backup`
        // is reached, its backups are in reach too.
        let levels = if is_named(name, "MobileSync") {
            left.max(2)
        } else if names::is_backups_folder(name) {
            left.max(1)
        } else {
            left
        };
        Some(Position {
            levels,
            in_backup,
            inside_place,
            is_root: false,
            in_trash: self.in_trash,
        })
    }
}

/// Whether a folder is the one that holds the folders of all users.
fn is_users(folder: &Path) -> bool {
    let real = folder.canonicalize();
    real.is_ok_and(|real| real.file_name().is_some_and(|name| is_named(name, "Users")))
}

fn is_circle(path: &Path, error: &io::Error) -> bool {
    path.is_symlink() && error.kind() != io::ErrorKind::PermissionDenied
}

/// Whether a folder is called so in which a folder `Backup` belongs.
fn is_mobile_sync(dir: &Path) -> bool {
    dir.file_name()
        .is_some_and(|name| is_named(name, "MobileSync"))
}

/// Whether the folder's Info.plist says that it is about a device.
fn is_of_device(dir: &Path) -> bool {
    let info = read::info_plist::read(&dir.join("Info.plist"));
    info.value().and_then(|info| info.target_type.as_deref()) == Some("Device")
}
