// Copies of a good page, each broken in one way, with the kind of complaint that must come of it.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const body = (markup) => (html) => html.replace('</main>', `${markup}</main>`);
const exchange = (from, to) => (html) => html.replace(from, to);
/** Adds rules to the style sheet, and to the policy that it is allowed: the rules are what is wrong. */
const style = (rules) => (html) => {
  const changed = html.replace('</style>', `${rules}</style>`);
  const text = /<style>([^]*?)<\/style>/.exec(changed)[1];
  return changed.replace(/sha256-[\w+/=]+/, `sha256-${createHash('sha256').update(text).digest('base64')}`);
};
const both = (one, other) => (html) => other(one(html));

/** What was done, which complaint is expected, and how it is done. */
const WAYS = [
  ['a script', 'outside: there is a <script>', body('<script>document.title = "x"</script>')],
  ['a script that the policy stops', 'console: ', body('<script>document.title = "x"</script>')],
  ['a handler', 'script: <p onclick>', body('<p onclick="alert(1)">x</p>')],
  ['a style attribute', 'style: <p style', body('<p style="color: red">x</p>')],
  ['a picture from elsewhere', 'outside: there is a <img>', body('<img alt="x" src="https://example.com/x.png">')],
  ['a link to elsewhere', 'outside: <a href', body('<p><a href="https://example.com/">x</a></p>')],
  ['a style sheet that was changed', 'policy: ', exchange('</style>', 'p { color: #123 }</style>')],
  ['a style sheet that is not allowed', 'style: the style sheet is not in force', exchange('</style>', 'p { color: #123 }</style>')],
  ['a looser policy', 'policy: ', exchange("default-src 'none'", "default-src 'self'")],
  ['another number', 'number: ', (html) => html.replace(/(data-json="\/summary\/allocated_bytes"[^>]*>)[^<]+/, '$142 GB')],
  ['another exact number', 'number: ', (html) => html.replace(/value="(\d+)"( data-json="\/backups\/0\/size\/files")/, 'value="1$1"$2')],
  ['a pointer to nothing', 'number: ', exchange('data-json="/summary/backups"', 'data-json="/summary/backup"')],
  ['a number that is missing', 'number: /backups/0/frees/bytes is not', (html) => html.replaceAll('data-json="/backups/0/frees/bytes"', '')],
  ['grey on white', 'contrast: ', both(style('.broken { color: #999; background: #fff }'), body('<p class="broken">x</p>'))],
  ['grey on white, for axe', 'axe color-contrast', both(style('.broken { color: #999; background: #fff }'), body('<p class="broken">pale words</p>'))],
  ['a pale label in a picture', 'contrast: ', both(style('.broken rect { fill: #fff } .broken text { fill: #aaa }'), body('<svg class="broken" role="img" aria-label="x" width="99" height="40"><rect width="99" height="40"/><text x="9" y="25">x</text></svg>'))],
  ['a label outside of its picture', 'layout: <text> "somewhat long" sticks out of its picture', body('<svg role="img" aria-label="x" width="50" height="40"><text x="-9" y="25">somewhat long</text></svg>')],
  ['labels over each other', 'layout: <text> "second" lies on', body('<svg role="img" aria-label="x" width="150" height="40"><text x="9" y="25">first</text><text x="12" y="27">second</text></svg>')],
  ['a wide box', 'layout: the page is', both(style('.broken { width: 1500px }'), body('<p class="broken">x</p>'))],
  ['a text that is cut off', 'layout: <p> "somewhat long" is cut off', both(style('.broken { width: 2em; overflow: hidden; white-space: nowrap }'), body('<p class="broken">somewhat long</p>'))],
  ['a word that does not break', 'layout: the text "xxx', both(style('.broken { width: 9em; overflow-wrap: normal }'), body(`<p class="broken">${'x'.repeat(60)}</p>`))],
  ['a bar that is too short', 'pictures: the bar of', (html) => html.replace(/(class="share" width=")[\d.]+%/, '$140%')],
  ['a tile that is too wide', 'pictures: the ti', (html) => html.replace(/(class="treemap"[^]*?<svg[^>]* width=")[\d.]+%/, '$195%')],
  ['a tile without its name', 'pictures: the tile', (html) => html.replace(/(class="(?:narrow|wide)"[^]*?<text[^>]*>)[^<]+/g, '$1?')],
  ['a mark that is not on its line', 'pictures: the mark', (html) => html.replace(/(class="axis"[^>]*><\/line><svg x=")[\d.]+%/, '$1130%')],
  ['a header without scope', 'structure: <th', (html) => html.replace(/(<th[^>]*) scope="[^"]*"/, '$1')],
  ['a table without headers', 'structure: <table', body('<table><tr><td>x</td></tr></table>')],
  ['a second title', 'structure: there are 2 <h1>', body('<h1>x</h1>')],
  ['a skipped level', 'structure: <h5', body('<h5>x</h5>')],
  ['a link to nowhere', 'structure: href', body('<p><a href="#nowhere">x</a></p>')],
  ['a number that is none', 'words: the page says NaN', body('<p>NaN GB</p>')],
  ['a character that turns the line', 'words: U+202e', body('<p>\u202eabc</p>')],
  ['an unknown language', 'axe html-has-lang', exchange(/<html[^>]*>/, '<html>')],
];

/** The broken copies of a page, written below `folder`, as `{ how, page, expected }`. */
export function brokenCopies(good, folder) {
  mkdirSync(folder, { recursive: true });
  const source = readFileSync(good.html, 'utf8');
  return WAYS.map(([how, expected, change], at) => {
    const changed = change(source);
    if (changed === source) throw new Error(`${how}: nothing to change on the page`);
    const html = join(folder, `${at}.html`);
    writeFileSync(html, changed);
    return { how, expected, page: { ...good, html } };
  });
}
