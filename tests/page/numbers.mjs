// The numbers of a page against those of the JSON document that it was made from: each is the same, none
// that must be there is missing, and what a person reads is the number rounded as `src/words/numbers.rs` says.

// Sizes go up to 2^64 - 1, which a number of JavaScript cannot hold. So the integers of a document are
// marked before it is parsed, and become BigInts.
const MARK = '\u0000';

/** A JSON document with all integers as BigInt. */
export function parse(text) {
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) =>
    token.startsWith('"') ? token : `"\\u0000${token}"`,
  );
  return JSON.parse(marked, (_, value) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(1)) : value,
  );
}

/** The text of a document whose integers are BigInts. */
export function write(document) {
  const marked = JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? MARK + value : value), 1);
  return marked.replace(/"\\u0000(-?\d+)"/g, '$1');
}

/** What a JSON pointer (RFC 6901) points to, or undefined. */
export function resolve(document, pointer) {
  if (!pointer.startsWith('/')) return undefined;
  return pointer
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((value, name) => (value !== null && typeof value === 'object' && Object.hasOwn(value, name) ? value[name] : undefined), document);
}

/** Whether `text` is how bkscan writes a size of so many bytes. */
export function isSize(text, bytes) {
  if (bytes < 1000n) return text === (bytes === 1n ? '1 byte' : `${bytes} bytes`);
  const parts = /^([1-9]\d{0,2})(?:\.(\d))? ([kMGTPE])B$/.exec(text);
  if (!parts) return false;
  const [, whole, tenth, letter] = parts;
  // From MB up there is one decimal, below there is none.
  if ((letter === 'k') === (tenth !== undefined)) return false;
  const unit = 1000n ** BigInt('kMGTPE'.indexOf(letter) + 1);
  const step = tenth === undefined ? unit : unit / 10n;
  const off = BigInt(whole + (tenth ?? '')) * step - bytes;
  return 2n * (off < 0n ? -off : off) <= step;
}

/** Whether `text` is how bkscan writes a count: `48,310`. */
export function isCount(text, number) {
  return text === number.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** The pointers that every page must have. */
export function expected(document) {
  // A page of many machines is of no one document.
  if (!document) return [];
  if (!document.backups.length) return ['/summary/backups'];
  const pointers = ['backups', 'devices', 'allocated_bytes'].map((name) => `/summary/${name}`);
  for (const removal of ['removable', 'on_request']) {
    // Where nothing can go, the page says so in words.
    if (document.summary[removal].backups.length) pointers.push(`/summary/${removal}/bytes`);
  }
  const volumes = document.roots.map(({ volume }) => volume && Object.values(volume).join());
  volumes.forEach((volume, at) => {
    if (volume && volumes.indexOf(volume) === at) pointers.push(`/roots/${at}/volume/total_bytes`, `/roots/${at}/volume/available_bytes`);
  });
  document.backups.forEach((backup, at) => {
    const here = `/backups/${at}`;
    pointers.push(`${here}/size/allocated_bytes`, `${here}/size/files`, `${here}/frees/bytes`);
    backup.storage.forEach((_, group) => pointers.push(`${here}/storage/${group}/bytes`));
    // What is there once needs no number.
    backup.findings.forEach(({ count }, finding) => count > 1n && pointers.push(`${here}/findings/${finding}/count`));
  });
  document.advice.forEach((advice, at) => {
    if (advice.bytes !== null) pointers.push(`/advice/${at}/bytes`);
  });
  document.done?.forEach((_, at) => pointers.push(`/done/${at}/freed_bytes`));
  return pointers;
}

/** What is wrong with the numbers that a page tells: `{ pointer, value, text }` each. */
export function wrongNumbers(told, document) {
  const wrong = [];
  for (const { pointer, value, text } of told) {
    const shown = text.replaceAll('\u00a0', ' ');
    if (pointer === null) {
      // A number that the page worked out by itself: it is at least what its text says.
      const exact = /^\d+$/.test(value) ? BigInt(value) : null;
      if (exact === null || !(isSize(shown, exact) || isCount(shown, exact))) wrong.push(`number: ${value} is not "${text}"`);
      continue;
    }
    const exact = resolve(document, pointer);
    if (typeof exact !== 'bigint') {
      wrong.push(`number: ${pointer} is no number of the document`);
    } else if (value !== exact.toString()) {
      wrong.push(`number: ${pointer} is ${exact}, not ${value}`);
    } else if (!(/bytes$/.test(pointer) ? isSize : isCount)(shown, exact)) {
      wrong.push(`number: ${pointer} is ${exact}, which is not "${text}"`);
    }
  }
  const there = new Set(told.map(({ pointer }) => pointer));
  for (const pointer of expected(document)) {
    if (!there.has(pointer)) wrong.push(`number: ${pointer} is not on the page`);
  }
  return wrong;
}
