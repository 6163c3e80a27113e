// The page on paper: prints it, and looks at the sheets with the tools of poppler.

import { execFileSync } from 'node:child_process';

/** Names of papers as Playwright spells them: their size in points, and their width in CSS pixels. */
const PAPERS = {
  A4: { points: [595, 842], pixels: 794 },
  Letter: { points: [612, 792], pixels: 816 },
};

/**
 * Three sheets for what is about all backups and for the rows of a few; a little for each of many devices and
 * backups, and one for each backup that is open because something is wrong with it. Long lists take more.
 */
function mostSheets({ backups, devices, advice, problems }) {
  const open = backups.filter(({ findings }) => findings.some(({ severity }) => severity !== 'note'));
  const lines = open.reduce((sum, { findings }) => sum + findings.length, 0) + problems.length + devices.reduce((sum, { findings }) => sum + findings.length, 0);
  return 3 + backups.length / 8 + devices.length / 8 + open.length + lines / 12 + advice.length / 10;
}

/** The first sheet alone answers the three questions: of each device, what can go, and what to do first. */
function wantedOnSheetOne({ devices, advice }) {
  // What saves data, what makes room, and what can go or is to be decided, most bytes first.
  const order = [['save-data'], ['next-backup-may-not-fit'], ['remove-old-backups', 'decide-yourself']];
  const bytes = (item) => Number(item.bytes ?? 0);
  const ranked = order.flatMap((ids) => {
    const items = advice.filter(({ id }) => ids.includes(id));
    return ids.length > 1 ? items.sort((one, other) => bytes(other) - bytes(one)) : items;
  });
  const first = ranked.slice(0, 3).map(({ title }) => title);
  return [...devices.map(({ name }) => name), 'What to do', ...first];
}

function missingOnSheetOne(wanted, sheet) {
  const plain = (text) => text.replace(/\s+/g, '');
  const told = plain(sheet);
  return wanted.filter((words) => !told.includes(plain(words))).map((words) => `not on sheet one: ${words}`);
}

/** Prints the page on both papers as `STEM-A4.pdf` and so on. Returns what is wrong, as sentences. */
export async function wrongOnPaper(page, { document, sheets: atMost, onSheetOne }, stem) {
  const wrong = [];
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  for (const [format, { points, pixels }] of Object.entries(PAPERS)) {
    await page.setViewportSize({ width: pixels, height: 1000 });
    const looked = await page.evaluate(() => [...looks.layout(true), ...looks.contrast(true), ...looks.pictures(), ...looks.uncut()]);
    wrong.push(...looked.map((what) => `print ${format}: ${what}`));

    const file = `${stem}-${format}.pdf`;
    // As people print: their printer's margins, and no backgrounds.
    const margin = '12mm';
    await page.pdf({ path: file, format, margin: { top: margin, bottom: margin, left: margin, right: margin } });
    const info = execFileSync('pdfinfo', [file], { encoding: 'utf8' });
    const [, width, height] = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(info);
    if (Math.abs(width - points[0]) > 1 || Math.abs(height - points[1]) > 1) wrong.push(`print ${format}: a sheet is ${width} x ${height} points`);
    const sheets = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8', maxBuffer: 2 ** 28 }).split('\f').slice(0, -1);
    const most = atMost?.[format] ?? mostSheets(document);
    if (sheets.length > most) wrong.push(`print ${format}: ${sheets.length} sheets, more than ${Math.floor(most)}`);
    if (atMost && format === 'A4') wrong.push(...missingOnSheetOne(onSheetOne ?? wantedOnSheetOne(document), sheets[0]).map((what) => `print ${format}: ${what}`));
    sheets.forEach((sheet, at) => {
      if (sheet.trim().length < 20) wrong.push(`print ${format}: sheet ${at + 1} of ${sheets.length} is blank`);
    });
    // Nothing is lost on the way to the paper: what only opens with a click would be.
    const printed = sheets.join('').replace(/\s+/g, '');
    const lines = await page.evaluate(() => looks.printed());
    const lost = lines.filter((line) => /^[\w ,.]+$/.test(line) && !printed.includes(line.replace(/\s+/g, '')));
    if (lost.length) wrong.push(`print ${format}: not on paper: ${[...new Set(lost)].slice(0, 5).join(' | ')}`);
  }
  return wrong;
}

/** Writes each sheet of `STEM-A4.pdf` and so on as a picture. */
export function drawSheets(stem) {
  for (const format of Object.keys(PAPERS)) execFileSync('pdftoppm', ['-r', '60', '-png', `${stem}-${format}.pdf`, `${stem}-${format}`]);
}
