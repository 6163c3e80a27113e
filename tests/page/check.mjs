// Looks at the HTML page of bkscan in a browser, as `.ci/page` starts it:
//
//   node check.mjs PROGRAM SAMPLES FOLDER [--pictures] [--pages NAME,…]
//
// PROGRAM is bkscan, SAMPLES the folder of the sample backups, FOLDER for pages and prints. Each page is
// looked at in both themes and at three widths, folded and unfolded, by axe-core and by rules of its own
// (in-page.js), its numbers are compared with its JSON document (numbers.mjs), and it is printed
// (print.mjs). Then a good page is broken in many ways (broken.mjs), to see that each is found: checks that
// cannot fail say nothing.
// `--pictures` also draws all of it for a person to look at. Ends with 1 where anything is wrong.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { brokenCopies } from './broken.mjs';
import { makePages } from './documents.mjs';
import { wrongNumbers } from './numbers.mjs';
import { drawSheets, wrongOnPaper } from './print.mjs';

const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A window of the browser that remembers in `heard` what the browser says about its page, and what the page asks for. */
async function openWindow(context) {
  const page = await context.newPage();
  // The machine may have much else to do.
  page.setDefaultTimeout(120_000);
  const heard = [];
  page.on('console', (message) => heard.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => heard.push(`console: ${error}`));
  page.on('dialog', (dialog) => {
    heard.push(`script: a dialog says ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('request', (request) => heard.push(`outside: the page asks for ${request.url()}`));
  return { page, heard };
}

/** The policy allows one style sheet, by its hash, and nothing else. */
function wrongPolicy(source) {
  const style = /<style>([^]*?)<\/style>/.exec(source);
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(source);
  if (!style || !policy || policy.index > style.index) return ['policy: there is no policy before a style sheet'];
  const hash = createHash('sha256').update(style[1]).digest('base64');
  const expected = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const said = policy[1].replaceAll('&#39;', "'");
  return said === expected ? [] : [`policy: it is ${said}, not ${expected}`];
}

/** Rules of axe-core that it leaves out unless asked. */
const MORE_RULES = Object.fromEntries(['target-size', 'td-has-header', 'table-fake-caption', 'p-as-heading', 'hidden-content'].map((rule) => [rule, { enabled: true }]));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds. In a second theme only colours differ, so only its rules about them run again. */
async function axe(page, first) {
  if (first) await page.evaluate(`${AXE};0`);
  const how = first ? { rules: MORE_RULES } : { runOnly: ['cat.color'] };
  const { violations } = await page.evaluate((how) => globalThis.axe.run({ resultTypes: ['violations'], ...how }), how);
  return violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, html }) => `axe ${id}: ${target} ${html.slice(0, 120)}`));
}

/** How a page is looked at; a broken copy only as far as its fault is to be found. */
const THOROUGH = { themes: ['light', 'dark'], widths: [390, 820, 1280], foldedOnly: [820], axe: true, paper: true };
const BRIEF = { themes: ['light'], widths: [390], axe: false, paper: false };

/** All that is wrong with one page, as sentences. Prints and pictures get names that begin with `stem`. */
async function wrongWith({ page, heard }, { html, document, has = [], hasNot = [], large, sheets, onSheetOne }, stem, how) {
  const source = readFileSync(html, 'utf8');
  const wrong = wrongPolicy(source);
  for (const text of hasNot) if (source.includes(text)) wrong.push(`words: the page tells ${text}`);
  heard.length = 0;
  const address = pathToFileURL(html).href;
  await page.goto(address);
  await page.emulateMedia({ media: 'screen', colorScheme: 'light' });
  wrong.push(...(await page.evaluate(() => [...looks.selfContained(), ...looks.structure(), ...looks.words()])));
  wrong.push(...wrongNumbers(await page.evaluate(() => looks.numbers()), document));
  const words = await page.evaluate(() => globalThis.document.body.textContent);
  for (const text of has) if (!words.includes(text)) wrong.push(`words: the page does not tell ${text.slice(0, 60)}`);
  for (const [at, colorScheme] of how.themes.entries()) {
    await page.emulateMedia({ media: 'screen', colorScheme });
    for (const width of how.widths) {
      await page.setViewportSize({ width, height: 800 });
      // As it opens, and with all unfolded.
      const folded = await page.evaluate(() => [...looks.layout(), ...looks.pictures()]);
      if (how.pictures) await page.screenshot({ path: `${stem}-${colorScheme}-${width}.png`, fullPage: true });
      const unfolded = how.foldedOnly?.includes(width) ? [] : await page.evaluate(() => {
        looks.unfold(true);
        return [...looks.layout(), ...looks.pictures(), ...looks.contrast()];
      });
      wrong.push(...new Set([...folded, ...unfolded].map((what) => `${what} (${colorScheme}, ${width})`)));
      if (how.axe && !(large && at) && width === how.widths.at(-1)) wrong.push(...(await axe(page, at === 0)).map((what) => `${what} (${colorScheme})`));
      await page.evaluate(() => looks.unfold(false));
    }
  }
  if (how.paper) wrong.push(...(await wrongOnPaper(page, { document, sheets, onSheetOne }, stem)));
  if (how.paper && how.pictures) drawSheets(stem);
  return [...heard.filter((what) => what !== `outside: the page asks for ${address}`), ...new Set(wrong)];
}

const [program, samples, folder, ...rest] = process.argv.slice(2);
const pictures = rest.includes('--pictures');
const only = rest.includes('--pages') ? rest[rest.indexOf('--pages') + 1].split(',') : null;
const pages = makePages(resolve(program), samples, resolve(folder, 'pages'));
const prints = resolve(folder, 'prints');
mkdirSync(prints, { recursive: true });

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ARGUMENTS });
/** Looks at the pages of a list, two at a time: each tells what is wrong as soon as that is known. */
async function each(list, look) {
  const queue = [...list];
  const worker = async () => {
    const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC' });
    // This and axe-core are no part of the page: its policy allows no script at all, and stays in force.
    await context.addInitScript({ path: fileURLToPath(new URL('in-page.js', import.meta.url)) });
    const window = await openWindow(context);
    while (queue.length) await look(window, queue.shift());
    await context.close();
  };
  await Promise.all([worker(), worker()]);
}

/** The same complaint in several themes and widths is one line: `it (light, 390) (dark, 390)`. */
function together(wrong) {
  const lines = new Map();
  for (const what of wrong) {
    const [, words, where] = /^([^]*?)( \((?:light|dark)(?:, \d+)?\))?$/.exec(what);
    lines.set(words, (lines.get(words) ?? '') + (where ?? ''));
  }
  return [...lines].map(([words, where]) => words + where);
}

let failed = 0;
const bad = new Set();
try {
  const chosen = pages.filter(({ name }) => !only || only.includes(name));
  // The large ones first, so that the others are done beside them.
  await each(chosen.sort((one, other) => Number(other.large ?? 0) - Number(one.large ?? 0)), async (window, page) => {
    const started = performance.now();
    const wrong = together(await wrongWith(window, page, join(prints, page.name), { ...THOROUGH, paper: !page.screenOnly, pictures }));
    console.log(`${page.name}: ${wrong.length ? `${wrong.length} wrong` : 'good'} (${seconds(started)})`);
    for (const what of wrong.slice(0, 20)) console.log(`  ${what}`);
    if (wrong.length > 20) console.log(`  and ${wrong.length - 20} more`);
    failed += wrong.length;
    if (wrong.length) bad.add(page.name);
  });

  const good = pages.find(({ name }) => name === 'corrupt');
  if (!bad.has(good.name)) {
    const [started, before] = [performance.now(), failed];
    const copies = brokenCopies(good, resolve(folder, 'broken'));
    await each(copies, async (window, { how, page, expected }) => {
      const wrong = await wrongWith(window, page, page.html, { ...BRIEF, axe: expected.startsWith('axe') });
      if (wrong.some((what) => what.startsWith(expected))) return;
      console.log(`broken by ${how}: not found. There is only: ${wrong.join(' | ') || 'nothing'}`);
      failed += 1;
    });
    console.log(`${copies.length} broken copies: ${failed > before ? 'not all were found' : 'each was found'} (${seconds(started)})`);
  }
} finally {
  await browser.close();
}
console.log(failed ? 'Something is wrong with the page.' : `All is well (${seconds(0)}).`);
process.exitCode = failed ? 1 : 0;
