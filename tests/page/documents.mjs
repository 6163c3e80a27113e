// Makes the pages that are looked at: from scans of the samples, and from documents that no scan of the
// samples would give, because names and numbers in a backup are whatever somebody wrote there.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, write } from './numbers.mjs';

const NOW = '2026-11-20T09:00:00Z';
const LARGEST = 2n ** 64n - 1n;

/** Names that try to be markup, to turn the line around, to be invisible, or to be too long. */
const NAMES = [
  '<script>alert(1)</script>',
  `"><img src=x onerror=alert(1)> & 'quotes' </title></style> &lt;`,
  '\u202e\u2066enohPi\u200b \u200d\u200f\ufeffmine',
  '📱👩‍👩‍👧 Ελληνικά العربية 日本語',
  'x'.repeat(300),
  '',
  ' ',
  '${1+1} {{7*7}} <!-- ]]> \\u003c %3Cscript%3E',
];

/**
 * The pages as `{ name, html, document, has, hasNot }`: the texts that must be on it, and must not be in
 * its source; `sheets` is how many it may take on a paper, of which the first tells the most; of a page of many
 * machines there is no one `document`, and `onSheetOne` is what the first sheet must tell. One that is `large` takes axe-core many seconds, so it is asked only once;
 * one that is `screenOnly` differs from others in nothing that matters on paper. `program` is bkscan, `samples` the folder of the sample backups, `folder` for what is made.
 */
export function makePages(program, samples, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const environment = { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', NO_COLOR: '1' };
  const run = (expected, ...words) => {
    const ended = spawnSync(program, words, { env: environment, encoding: 'utf8', maxBuffer: 2 ** 28 });
    if (ended.status !== expected) throw new Error(`bkscan ${words.join(' ')} ended with ${ended.status}, not with ${expected}: ${ended.stderr}`);
    return ended.stdout;
  };
  const report = (name, text) => {
    const [json, html] = ['json', 'html'].map((kind) => join(folder, `${name}.${kind}`));
    writeFileSync(json, text);
    run(0, 'report', json, '--html', html);
    return { name, html, document: parse(text), has: [], hasNot: [] };
  };
  const scan = (expected, ...words) => run(expected, '--now', NOW, '--no-state', '--json', ...words);

  const text = scan(2, samples);
  const pages = [{ ...report('samples', text), sheets: { A4: 4, Letter: 5 } }];
  const personal = new Set();
  for (const { udid, device, path } of pages[0].document.backups) {
    for (const words of [udid, device.name, device.serial_number, path.split(/[/\\]/).at(-1)]) if (words) personal.add(words);
  }
  pages.push({ ...report('redacted', scan(2, '--redact', samples)), screenOnly: true, hasNot: [...personal, samples] });

  const backups = join(samples, 'Backup');
  pages.push(report('encrypted', scan(0, join(backups, '00008030-001122334455667A'))));
  pages.push(report('corrupt', scan(2, join(backups, '00008103-0012345678901234'))));
  pages.push({ ...report('two', scan(2, ...['00008030-001122334455667A', '00008103-0012345678901234'].map((name) => join(backups, name)))), screenOnly: true });
  pages.push({ ...report('shown', run(2, 'show', '--now', NOW, '--json', join(backups, '00008103-0012345678901234'))), screenOnly: true });
  pages.push({ ...report('quick', scan(2, '--level', 'quick', samples)), screenOnly: true });
  pages.push(report('contents', scan(2, '--level', 'contents', '--advice', 'all', samples)));

  mkdirSync(join(folder, 'none'));
  pages.push(report('nothing', scan(3, join(folder, 'none'))));

  // Runs that a state folder remembers, a month apart.
  const remembered = (name, month, ...words) => {
    const html = join(folder, `${name}.html`);
    const now = `2026-${month}-20T09:00:00Z`;
    const json = run(2, '--now', now, '--state-dir', join(folder, 'state'), '--json', '--html', html, ...words, samples);
    return { name, html, document: parse(json), has: [], hasNot: [] };
  };
  remembered('first', '08');
  remembered('second', '09');
  pages.push({ ...remembered('history', '10'), has: ['unchanged in 3 runs since 20 Aug 2026'] });
  pages.push({ ...remembered('history-redacted', '11', '--redact'), screenOnly: true, hasNot: [...personal, samples] });

  // The page of a scan is that of its document.
  const scanned = join(folder, 'scanned.html');
  const document = scan(2, '--html', scanned, samples);
  const again = report('scanned-again', document);
  if (readFileSync(scanned, 'utf8') !== readFileSync(again.html, 'utf8')) throw new Error('scan --html and report make different pages of the same document');

  const changed = (name, change) => {
    const document = parse(text);
    change(document);
    return report(name, write(document));
  };
  pages.push(
    changed('cancelled', (document) => {
      document.cancelled = true;
      document.exit_code = 130n;
      document.backups.length = 2;
    }),
  );
  pages.push({
    ...changed('cleaned', (document) => {
      const [path] = document.summary.removable.backups;
      document.plan = [{ path, action: 'remove', frees: { bytes: 307_200n, exact: true }, reasons: [] }];
      document.done = [
        { path, outcome: 'removed', why: null, freed_bytes: 307_200n },
        { path: `${path}-2`, outcome: 'refused', why: 'it changed since it was judged', freed_bytes: 0n },
      ];
    }),
    screenOnly: true,
  });
  pages.push({
    ...changed('names', (document) => document.backups.forEach((backup, at) => rename(document, backup, NAMES[at % NAMES.length]))),
    has: [NAMES[0], 'onerror=alert(1)', NAMES[4], 'العربية', '${1+1} {{7*7}}'],
  });
  pages.push({
    ...changed('sixty', (document) => {
      const each = document.backups;
      document.backups = Array.from({ length: 60 }, (_, at) => {
        const backup = structuredClone(each[at % each.length]);
        backup.path += `-${at}`;
        return backup;
      });
      document.summary.backups = 60n;
    }),
    large: true,
  });
  pages.push({
    ...changed('groups', (document) => {
      for (const backup of document.backups.slice(0, 4)) {
        backup.storage = Array.from({ length: 200 }, (_, at) => ({
          group: at % 7 ? `com.example.app-number-${at}` : `App ${at}`,
          files: BigInt(at),
          bytes: BigInt(Math.round(5e10 / (at + 1) ** 1.5)),
        }));
      }
    }),
    large: true,
  });
  pages.push(changed('sizes', (document) => sizes(document, [0n, 1n, 2n ** 53n - 1n, LARGEST, 999_950_000n])));
  pages.push(changed('zero', (document) => sizes(document, [0n])));
  pages.push(changed('unknown', unknown));
  pages.push(machines(run, text, folder));
  return pages;
}

/** One page of 40 machines: ten of the samples, some whose run is long ago, one without a document, one with hostile names. */
function machines(run, text, folder) {
  const hosts = join(folder, 'hosts');
  mkdirSync(hosts);
  for (let at = 0; at < 40; at += 1) {
    const document = parse(text);
    if (at >= 10) document.backups = document.backups.filter(({ verdict }) => verdict === 'complete');
    if (at >= 10) document.devices = document.devices.filter((device) => ((device.findings = []), document.backups.some(({ udid }) => udid === device.udid)));
    if (at >= 10) document.exit_code = 0n;
    for (const backup of at >= 10 ? document.backups : []) backup.findings = [];
    if (at % 20 === 19) document.finished_at = '2026-10-01T03:30:00Z';
    if (at === 5) document.backups.forEach((backup, nth) => rename(document, backup, NAMES[nth % NAMES.length]));
    writeFileSync(join(hosts, `host-${String(at).padStart(2, '0')}.example.org.json`), write(document));
  }
  writeFileSync(join(hosts, 'broken.json'), '{');
  const names = readdirSync(hosts).sort();
  const html = join(folder, 'machines.html');
  run(3, 'report', ...names.map((name) => join(hosts, name)), '--now', NOW, '--html', html);
  const has = ['iPhone and iPad backups of 41 machines', NAMES[0], NAMES[4], 'silent for 50 days'];
  return { name: 'machines', html, document: null, has, hasNot: [], large: true, sheets: { A4: 18, Letter: 20 }, onSheetOne: ['13 of 41 machines need a look', 'host-00.example.org'] };
}

/** Puts `name` wherever a document has text about one backup. */
function rename(document, backup, name) {
  const path = `${backup.path}/${name}`;
  const move = (text) => (text === backup.path ? path : text);
  for (const device of document.devices) {
    if (device.backups.includes(backup.path)) device.name = name;
    device.backups = device.backups.map(move);
    device.newest_good = move(device.newest_good);
  }
  for (const advice of document.advice) {
    advice.backups = advice.backups.map(move);
    advice.text += `\n${name} and so on.\n    bkscan show '${name}'`;
  }
  document.summary.removable.backups.push(path);
  document.problems.push({ path, message: `${name} cannot be read` });
  document.beside.push({ path, kind: 'other', bytes: 123_456_789n });
  backup.path = path;
  for (const key of Object.keys(backup.device)) backup.device[key] = name;
  backup.udid = backup.snapshot_state = backup.backup_state = name;
  const example = { domain: name, path: name, file_id: name, bytes: 1n };
  backup.findings.push({ id: 'file-missing', severity: 'error', count: 3n, bytes: 7n, message: name, examples: [example, example], hint: name });
  backup.storage.unshift({ group: name, files: 2n, bytes: 40_000n });
  backup.not_checked.push({ id: 'digest-mismatch', why: name });
  backup.flags.push(name);
  backup.decision.reasons.push({ code: 'superseded-by', text: name, by: path });
}

/** Replaces all numbers of bytes and files by those of `list`, in turn. */
function sizes(document, list) {
  let turn = 0;
  const fill = (value) => {
    for (const key of Object.keys(value)) {
      if (value[key] !== null && typeof value[key] === 'object') fill(value[key]);
      else if (/bytes$|^files$|^count$/.test(key)) value[key] = list[turn++ % list.length];
    }
  };
  fill(document);
  document.advice.forEach((advice) => (advice.bytes = list[turn++ % list.length]));
}

/** What is not known is null, and a later version knows words that this one does not. */
function unknown(document) {
  document.roots.forEach((root) => (root.volume = null));
  document.backups.forEach((backup, at) => {
    backup.findings.push({ id: 'of-a-later-version', severity: 'note', count: 1n, bytes: 0n, message: 'Something new.', examples: [{ domain: null, path: null, file_id: null, bytes: null }], hint: null });
    backup.checked.push('of-a-later-version');
    backup.not_checked.push({ id: 'another-of-a-later-version', why: 'not known here' });
    backup.flags.push('later-flag');
    backup.decision.reasons.push({ code: 'later-code', text: 'a reason of a later version', by: null });
    if (at % 2) return;
    for (const key of Object.keys(backup.device)) backup.device[key] = null;
    for (const key of ['udid', 'encrypted', 'manifest_format', 'snapshot_state', 'backup_state', 'last_backup', 'manifest']) backup[key] = null;
    backup.storage = [];
    backup.checked = [];
  });
  document.devices.forEach((device) => Object.assign(device, { udid: null, name: null, newest_good: null }));
  document.advice.push({ step: 9n, id: 'later-advice', title: 'Later advice', text: 'Do something new.', bytes: null, command: null, backups: [] });
  document.later = { number: 1n };
}
