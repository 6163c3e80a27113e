//! Databases to change: as devices make them, and as they may do some day.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use crate::support::{BackupBuilder, Chance, empty_folder};

/// What a page is for, as far as changes are chosen by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A node above the leaves.
    Interior,
    Leaf,
    Overflow,
    /// It names free pages.
    Trunk,
    /// It is one that a trunk names.
    Free,
    /// It says what other pages are for.
    Map,
}

/// A database that is sound.
#[derive(Clone)]
pub struct Shape {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub page_size: usize,
    /// Its pages, by number.
    pub roles: Vec<(u32, Role)>,
    /// Whether it has what is always left to SQLite.
    pub is_odd: bool,
}

const FILES: &str = "CREATE TABLE Files (fileID TEXT PRIMARY KEY, domain TEXT, relativePath TEXT, \
                     flags INTEGER, file BLOB);";
const USUAL: &str = "CREATE INDEX FilesDomainIdx ON Files(domain);
                     CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
                     CREATE INDEX FilesFlagsIdx ON Files(flags);
                     CREATE TABLE Properties (key TEXT PRIMARY KEY, value BLOB);
                     INSERT INTO Properties VALUES ('a', x'01'), ('b', zeroblob(20));";

/// How a shape is made.
struct Plan {
    name: &'static str,
    page_size: u32,
    /// 0: none; 1: full; 2: incremental.
    auto_vacuum: u8,
    /// What is made beside the files, before them.
    schema: &'static str,
    rows: usize,
    /// How long paths and blobs are at most.
    longest: (usize, usize),
    /// What is done afterwards.
    after: &'static str,
}

const PLANS: [Plan; 13] = [
    Plan {
        name: "as devices make it",
        page_size: 4096,
        auto_vacuum: 2,
        schema: USUAL,
        rows: 150,
        longest: (90, 900),
        after: "",
    },
    Plan {
        name: "small pages, long rows, mapped",
        page_size: 512,
        auto_vacuum: 1,
        schema: USUAL,
        rows: 120,
        longest: (260, 1500),
        after: "DELETE FROM Files WHERE rowid % 5 = 2;",
    },
    Plan {
        name: "long rows and free pages",
        page_size: 1024,
        auto_vacuum: 0,
        schema: USUAL,
        rows: 120,
        longest: (500, 3000),
        after: "DELETE FROM Files WHERE rowid % 3 = 0; DELETE FROM Files WHERE rowid BETWEEN 30 AND 50;",
    },
    Plan {
        name: "free pages that are mapped",
        page_size: 1024,
        auto_vacuum: 2,
        schema: USUAL,
        rows: 200,
        longest: (100, 1200),
        after: "DELETE FROM Files WHERE rowid > 120; DELETE FROM Files WHERE rowid % 4 = 1;",
    },
    Plan {
        name: "two maps",
        page_size: 512,
        auto_vacuum: 2,
        schema: "CREATE INDEX FilesDomainIdx ON Files(domain);",
        rows: 200,
        longest: (60, 500),
        after: "DELETE FROM Files WHERE rowid BETWEEN 20 AND 30;",
    },
    Plan {
        name: "large pages",
        page_size: 65_536,
        auto_vacuum: 0,
        schema: USUAL,
        rows: 300,
        longest: (120, 1500),
        after: "DELETE FROM Files WHERE rowid % 6 = 1;",
    },
    Plan {
        name: "large pages that are mapped",
        page_size: 32_768,
        auto_vacuum: 1,
        schema: USUAL,
        rows: 150,
        longest: (120, 1200),
        after: "",
    },
    Plan {
        name: "tables without rowids",
        page_size: 1024,
        auto_vacuum: 1,
        schema: "CREATE INDEX FilesRelativePathIdx ON Files(relativePath);
                 CREATE TABLE pairs (a TEXT, b INT, c BLOB UNIQUE, PRIMARY KEY (b, a)) WITHOUT ROWID;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
                 INSERT INTO pairs SELECT printf('%.200c%d', 'x', i), i * 7 % 61, zeroblob(i) FROM n;",
        rows: 80,
        longest: (300, 700),
        after: "DELETE FROM pairs WHERE b % 4 = 0;",
    },
    Plan {
        name: "other tables with rules of their own",
        page_size: 2048,
        auto_vacuum: 0,
        schema: "CREATE TABLE ruled (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT NOT NULL CHECK (a > 0),
                   b TEXT UNIQUE, c REAL DEFAULT 1.5);
                 CREATE TABLE strict (a INT, b TEXT NOT NULL, c BLOB, d ANY) STRICT;
                 WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70)
                 INSERT INTO ruled (a, b) SELECT i, 'b' || i FROM n;
                 INSERT INTO strict SELECT a, b, zeroblob(a * 10), c FROM ruled;
                 CREATE INDEX ruled_a ON ruled(a DESC) WHERE a > 30;
                 CREATE INDEX strict_b ON strict(b COLLATE NOCASE);",
        rows: 60,
        longest: (90, 900),
        after: "ANALYZE;",
    },
    Plan {
        name: "odd indices of the files",
        page_size: 4096,
        auto_vacuum: 1,
        schema: "CREATE INDEX some ON Files(domain, flags DESC) WHERE flags = 1;
                 CREATE INDEX computed ON Files(lower(relativePath), length(file));
                 CREATE UNIQUE INDEX both ON Files(fileID, domain);",
        rows: 150,
        longest: (90, 900),
        after: "",
    },
    Plan {
        name: "a schema of several pages",
        page_size: 512,
        auto_vacuum: 1,
        schema: "CREATE INDEX FilesDomainIdx ON Files(domain);
                 CREATE TABLE one (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
                 CREATE TABLE two (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb);
                 CREATE TABLE three (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb);
                 CREATE TABLE four (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb);
                 CREATE TABLE five (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbb);
                 INSERT INTO two VALUES (1, 2.5), ('x', NULL);",
        rows: 40,
        longest: (60, 300),
        after: "",
    },
    Plan {
        name: "no files at all",
        page_size: 1024,
        auto_vacuum: 1,
        schema: USUAL,
        rows: 0,
        longest: (1, 1),
        after: "",
    },
    Plan {
        name: "views and triggers",
        page_size: 4096,
        auto_vacuum: 0,
        schema: "CREATE VIEW names AS SELECT fileID FROM Files;
                 CREATE TRIGGER gone AFTER DELETE ON Files BEGIN SELECT 1; END;",
        rows: 60,
        longest: (90, 900),
        after: "",
    },
];

/// All of them. A real one is taken as well where `BKSCAN_REAL` says where it is.
pub fn all() -> Vec<Shape> {
    let mut shapes: Vec<Shape> = PLANS.iter().map(Plan::make).collect();
    shapes.push(stale(&shapes[2]));
    shapes.push(of_the_builder());
    if let Some(real) = std::env::var_os("BKSCAN_REAL") {
        let file = Path::new(&real).join("iphone7-ios14.3/Manifest.db");
        let bytes = fs::read(file).expect("the real manifest");
        shapes.push(Shape::of("a real one", bytes, false));
    }
    shapes
}

impl Plan {
    fn make(&self) -> Shape {
        let folder = empty_folder();
        let path = folder.path().join("new.db");
        let db = Connection::open(&path).unwrap();
        db.execute_batch(&format!(
            "PRAGMA page_size = {}; PRAGMA auto_vacuum = {}; PRAGMA synchronous = OFF;
             PRAGMA journal_mode = MEMORY; {FILES} {}",
            self.page_size, self.auto_vacuum, self.schema
        ))
        .unwrap();
        self.fill(&db);
        db.execute_batch(self.after).unwrap();
        db.close().unwrap();
        let is_odd = self.schema.contains("VIEW");
        Shape::of(self.name, fs::read(path).unwrap(), is_odd)
    }

    /// Puts rows in, and some of them once more, so that pages do not lie in the order of their rows.
    fn fill(&self, db: &Connection) {
        let mut chance = Chance::new(self.page_size.into());
        let mut insert = db
            .prepare("INSERT OR REPLACE INTO Files VALUES (?1, ?2, ?3, ?4, ?5)")
            .unwrap();
        db.execute_batch("BEGIN").unwrap();
        for number in (0..self.rows).chain((0..self.rows).step_by(7)) {
            let id = format!("{:040x}", number * 7919 % 1009);
            let domain = format!("Domain{}", number / 20);
            let path = "p".repeat(chance.between(0, self.longest.0));
            let long = chance.percent(30);
            let most = if long { self.longest.1 } else { 200 };
            let len = chance.between(0, most);
            let blob = chance.percent(95).then(|| chance.bytes(len));
            insert
                .execute((id, domain, path, chance.below(5) as i64, blob))
                .unwrap();
        }
        db.execute_batch("COMMIT").unwrap();
    }
}

/// One whose header was not written together with its count of pages.
fn stale(shape: &Shape) -> Shape {
    let mut bytes = shape.bytes.clone();
    bytes[92..96].copy_from_slice(&[0, 0, 0, 0]);
    bytes[28..32].copy_from_slice(&[0, 0, 0, 3]);
    Shape::of("a stale header", bytes, false)
}

/// One with records as devices write them.
fn of_the_builder() -> Shape {
    let folder = empty_folder();
    let backup = (0..60).fold(BackupBuilder::new("udid"), |backup, number| {
        let path = format!("Media/DCIM/100APPLE/IMG_{number:04}.JPG");
        backup.file("CameraRollDomain", &path, &[7; 30])
    });
    let path = backup.write(folder.path()).join("Manifest.db");
    Shape::of("as the builder makes it", fs::read(path).unwrap(), false)
}

impl Shape {
    fn of(name: &'static str, bytes: Vec<u8>, is_odd: bool) -> Shape {
        let page_size = match u16::from_be_bytes([bytes[16], bytes[17]]) {
            1 => 65_536,
            size => usize::from(size),
        };
        let mut shape = Shape {
            name,
            roles: Vec::new(),
            bytes,
            page_size,
            is_odd,
        };
        shape.roles = shape.roles();
        shape
    }

    /// What each page is for, by SQLite's own statistics.
    fn roles(&self) -> Vec<(u32, Role)> {
        let folder = empty_folder();
        let path = folder.path().join("look.db");
        let mut bytes = self.bytes.clone();
        bytes[18..20].copy_from_slice(&[1, 1]);
        fs::write(&path, bytes).unwrap();
        let db = Connection::open(&path).unwrap();
        let mut statement = db.prepare("SELECT pageno, pagetype FROM dbstat").unwrap();
        let role = |kind: String| match kind.as_str() {
            "internal" => Role::Interior,
            "leaf" => Role::Leaf,
            _ => Role::Overflow,
        };
        let found = statement.query_map([], |row| Ok((row.get(0)?, role(row.get(1)?))));
        let mut roles: Vec<(u32, Role)> = found.unwrap().map(Result::unwrap).collect();
        let number = |at: usize| u32::from_be_bytes(self.bytes[at..at + 4].try_into().unwrap());
        let mut trunk = number(32);
        while trunk != 0 {
            roles.push((trunk, Role::Trunk));
            let start = (trunk as usize - 1) * self.page_size;
            let named = number(start + 4) as usize;
            roles.extend((0..named).map(|at| (number(start + 8 + 4 * at), Role::Free)));
            trunk = number(start);
        }
        let known: Vec<u32> = roles.iter().map(|(page, _)| *page).collect();
        let count = (self.bytes.len() / self.page_size) as u32;
        roles.extend(
            (1..=count)
                .filter(|page| !known.contains(page))
                .map(|page| (page, Role::Map)),
        );
        roles.sort_unstable();
        roles
    }
}
