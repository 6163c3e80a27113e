//! The tables of the history.

/// The steps of the schema. Tables that have their rows by run need no index, and a run that was
/// recorded keeps its number for ever. The view is for other programs: `bkscan help systems` promises its columns,
/// and bkscan never reads it.
pub(super) const STEPS: &[&str] = &[
    "
    CREATE TABLE run (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        level TEXT NOT NULL
    ) STRICT;
    CREATE TABLE root (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        path ANY NOT NULL,
        udid TEXT,
        name TEXT,
        product TEXT,
        verdict TEXT NOT NULL,
        last_backup TEXT,
        files INTEGER NOT NULL,
        logical_bytes INTEGER NOT NULL,
        allocated_bytes INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE problem (
        run INTEGER NOT NULL,
        position INTEGER NOT NULL,
        subject ANY NOT NULL,
        id TEXT NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (run, position)
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE volume (
        run INTEGER NOT NULL,
        root INTEGER NOT NULL,
        number INTEGER NOT NULL,
        PRIMARY KEY (run, root)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE identity (
        run INTEGER NOT NULL,
        backup INTEGER NOT NULL,
        manifest_date TEXT,
        status_uuid TEXT,
        volume INTEGER,
        has_groups INTEGER NOT NULL,
        PRIMARY KEY (run, backup)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE backup_group (
        run INTEGER NOT NULL,
        backup INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        files INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        PRIMARY KEY (run, backup, position)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE span (
        run INTEGER NOT NULL,
        problem INTEGER NOT NULL,
        seconds INTEGER NOT NULL,
        PRIMARY KEY (run, problem)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE forgotten (
        id INTEGER PRIMARY KEY,
        path ANY NOT NULL,
        udid TEXT,
        last_run INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE VIEW backups_now AS
    WITH place AS (
        SELECT run, group_concat(quote(path)) AS roots
        FROM (SELECT DISTINCT run, path FROM root ORDER BY run, path)
        GROUP BY run
    ),
    newest AS (SELECT max(run) AS run FROM place GROUP BY roots)
    SELECT
        CASE typeof(backup.path) WHEN 'text' THEN backup.path END AS folder,
        CASE typeof(backup.path) WHEN 'blob' THEN lower(hex(backup.path)) END AS folder_hex,
        backup.udid AS udid,
        backup.name AS name,
        backup.product AS product,
        backup.verdict AS verdict,
        backup.last_backup AS last_backup,
        backup.files AS files,
        backup.logical_bytes AS logical_bytes,
        backup.allocated_bytes AS allocated_bytes,
        run.at AS seen_at,
        run.level AS level
    FROM newest
    JOIN run ON run.id = newest.run
    JOIN backup ON backup.run = newest.run
    ORDER BY backup.run, backup.position;
",
];
