// Runs in the browser, beside a page and not as a part of it: looks at what the browser made of the page.
// Every function returns a list of sentences about what is wrong, each with a word for its kind in front.
globalThis.looks = (() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const short = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
  const named = (element) => {
    const words = short(element.textContent.trim().replace(/\s+/g, ' '));
    return `<${element.localName}${element.id ? ` id=${element.id}` : ''}> "${words}"`;
  };

  /** Elements and texts that are drawn at all; what is only for screen readers is one pixel wide. */
  const drawn = (element) => {
    if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) return false;
    for (let at = element; at; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if (box.width <= 1 && box.height <= 1 && getComputedStyle(at).position === 'absolute') return false;
    }
    return true;
  };
  const texts = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement;
      const outside = parent.closest('title, desc, style, datalist');
      if (!outside && walker.currentNode.data.trim() && drawn(parent)) found.push(walker.currentNode);
    }
    return found;
  };

  /** Nothing but text, shapes and links inside the page; one style, and it is in force. */
  function selfContained() {
    const wrong = [];
    for (const element of all('script, link, base, iframe, frame, object, embed, img, image, video, audio, source, form, input, button, foreignObject, animate, set, noscript')) {
      wrong.push(`outside: there is a <${element.localName}>`);
    }
    for (const element of all('*')) {
      for (const { name, value } of element.attributes) {
        if (/^on/i.test(name)) wrong.push(`script: <${element.localName} ${name}>`);
        if (name === 'style') wrong.push(`style: <${element.localName} style="${short(value)}">`);
        if (/(^|:)(href|src|srcset|action|data|poster|background|ping|cite)$/.test(name) && !value.startsWith('#')) {
          wrong.push(`outside: <${element.localName} ${name}="${short(value)}">`);
        }
        if (name === 'http-equiv' && value !== 'Content-Security-Policy') wrong.push(`outside: <meta http-equiv="${value}">`);
        if (/url\(\s*["']?(?!["']?#)/i.test(value) && name !== 'content') wrong.push(`outside: ${name}="${short(value)}"`);
      }
    }
    if (all('style').length !== 1) wrong.push(`style: there are ${all('style').length} <style>, not one`);
    const sheets = [...document.styleSheets];
    if (sheets.length !== 1 || sheets[0].cssRules.length < 10) wrong.push('style: the style sheet is not in force');
    for (const style of all('style')) {
      if (/@import|url\(\s*["']?(?!["']?#)/i.test(style.textContent)) wrong.push('outside: the style sheet asks for another file');
    }
    return wrong;
  }

  /** Headings in order, tables with headers, ids that are there and there once. */
  function structure() {
    const wrong = [];
    if (document.compatMode !== 'CSS1Compat') wrong.push('structure: there is no doctype');
    if (document.characterSet !== 'UTF-8') wrong.push(`structure: the page is read as ${document.characterSet}`);
    if (!/width=device-width/.test(document.querySelector('meta[name=viewport]')?.content ?? '')) wrong.push('structure: there is no viewport for telephones');
    const headings = all('h1, h2, h3, h4, h5, h6');
    if (all('h1').length !== 1) wrong.push(`structure: there are ${all('h1').length} <h1>, not one`);
    headings.forEach((heading, at) => {
      const before = at === 0 ? 0 : Number(headings[at - 1].localName[1]);
      if (Number(heading.localName[1]) > before + 1) wrong.push(`structure: ${named(heading)} comes after a level ${before}`);
      if (!heading.textContent.trim()) wrong.push('structure: there is an empty heading');
    });
    for (const table of all('table')) {
      if (!table.querySelector('th')) wrong.push(`structure: ${named(table)} has no <th>`);
    }
    for (const cell of all('th')) {
      if (!/^(col|row|colgroup|rowgroup)$/.test(cell.getAttribute('scope') ?? '')) wrong.push(`structure: ${named(cell)} has no scope`);
    }
    const ids = all('[id]').map((element) => element.id);
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) wrong.push(`structure: the id ${id} is there more than once`);
    const known = new Set(ids);
    for (const element of all('*')) {
      for (const { name, value } of element.attributes) {
        const words = /^aria-(labelledby|describedby|controls|owns|details)$|^headers$|^for$/.test(name) ? value.split(/\s+/) : [];
        if (/(^|:)href$/.test(name) && value.length > 1 && value.startsWith('#')) words.push(decodeURIComponent(value.slice(1)));
        for (const id of words) if (!known.has(id)) wrong.push(`structure: ${name} of ${named(element)} names ${id}, which is not there`);
      }
    }
    return wrong;
  }

  /** What only a mistake of the program puts on a page, and characters that change how a line is read. */
  function words() {
    const wrong = [];
    const spoken = [document.title];
    // One by one: joined, the end of one text would hide the beginning of the next.
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) spoken.push(walker.currentNode.data);
    for (const element of all('[aria-label], [title], [alt]')) {
      spoken.push(...['aria-label', 'title', 'alt'].map((name) => element.getAttribute(name) ?? ''));
    }
    for (const text of spoken) {
      for (const [word] of text.matchAll(/(?<![\w-])(NaN|undefined|null|Infinity|inf|None|Some\(|Ok\(|Err\()(?![\w-])/g)) wrong.push(`words: the page says ${word}`);
      for (const [mark] of text.matchAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g)) {
        wrong.push(`words: U+${mark.codePointAt(0).toString(16).padStart(4, '0')} is on the page`);
      }
    }
    return [...new Set(wrong)];
  }

  /** Numbers with the place in the document where they stand, if they do. */
  const numbers = () =>
    all('data, [data-json]').map((element) => ({
      pointer: element.getAttribute('data-json'),
      value: element.getAttribute('value') ?? '',
      text: element.textContent,
    }));

  /** Bars are as long, and tiles of the map as large, as their numbers say; every tile has its name. */
  function pictures() {
    const wrong = [];
    for (const article of all('article')) {
      const rows = all('.bars tbody tr', article);
      const bytes = rows.map((row) => Number(row.querySelector('data').getAttribute('value')));
      const sum = bytes.reduce((sum, own) => sum + own, 0);
      rows.forEach((row, at) => {
        if (!drawn(row)) return;
        const [share, whole] = ['.share', '.track'].map((part) => row.querySelector(part).getBoundingClientRect().width);
        // A bar of almost nothing can still be seen.
        const expected = sum && bytes[at] ? Math.max(bytes[at] / sum, 0.005) : 0;
        if (!(Math.abs(share / whole - expected) < 0.01)) wrong.push(`pictures: the bar of ${named(row)} is ${share / whole}, not ${expected} of the whole`);
      });
    }
    const maps = all('.treemap').filter(drawn);
    if (all('.treemap').length && maps.length !== 1) wrong.push(`pictures: ${maps.length} maps are shown, not one`);
    for (const map of maps) wrong.push(...wrongMap(map));
    for (const line of all('.dots').filter(drawn)) wrong.push(...wrongLine(line));
    return wrong;
  }

  function wrongMap(map) {
    const wrong = [];
    const tiles = all(':scope > svg', map).map((tile) => {
      const { width, height } = tile.querySelector('rect').getBoundingClientRect();
      const title = tile.querySelector('title').textContent;
      const [, name, number, unit] = /^([^]*?)(?:, can go)?, ([\d.]+) (byte|bytes|[kMGTPE]B)$/.exec(title);
      const labels = all('text', tile).filter(drawn).map((label) => label.textContent);
      // Of what it is called, as much as there is room for.
      const begins = (label) => name.includes(label.replace(/…$/, ''));
      if (!labels.length || !begins(labels[0])) wrong.push(`pictures: the tile ${named(tile)} has no name`);
      return { tile, area: width * height, bytes: Number(number) * 1000 ** ('kMGTPE'.indexOf(unit[0]) + 1) };
    });
    const sum = (key) => tiles.reduce((sum, tile) => sum + tile[key], 0);
    const [area, bytes] = [sum('area'), sum('bytes')];
    const { width, height } = map.getBoundingClientRect();
    if (Math.abs(area / (width * height) - 1) > 0.01) wrong.push(`pictures: the tiles take ${area / (width * height)} of the map`);
    for (const tile of tiles) {
      // A title cannot say more than that.
      if (tile.bytes > 18e18) continue;
      // What the titles say is rounded, and next to nothing of a part may be left out of it.
      if (Math.abs(tile.area / area - tile.bytes / bytes) > 0.02) wrong.push(`pictures: the tile ${named(tile.tile)} is ${tile.area / area}, not ${tile.bytes / bytes} of the map`);
    }
    return wrong;
  }

  /** Marks of a time line stay on it. */
  function wrongLine(line) {
    const limits = line.getBoundingClientRect();
    const marks = all('.mark', line);
    if (!marks.length) return ['pictures: a time line has no mark'];
    const out = (mark) => {
      const box = mark.getBoundingClientRect();
      return box.left < limits.left - 4 || box.right > limits.right + 4 || box.top < limits.top - 1 || box.bottom > limits.bottom + 1;
    };
    return marks.filter(out).map((mark) => `pictures: the mark ${named(mark.parentElement)} is not on its line`);
  }

  /** On paper nothing is cut within a row, a card of a device or a piece of advice. */
  function uncut() {
    const whole = all('tr, figure, .devices > li, .growth > li, .advice > li').filter(drawn);
    const cut = whole.filter((element) => getComputedStyle(element).breakInside !== 'avoid');
    return cut.map((element) => `print: ${named(element)} may be cut`);
  }

  const scrolls = (element) => /auto|scroll/.test(getComputedStyle(element).overflowX);
  const inScroller = (element) => {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) if (scrolls(at)) return true;
    return false;
  };

  /** Texts that must be on paper too: headings and numbers that can be seen. */
  const printed = () => texts(document.body).filter((text) => text.parentElement.closest('h1, h2, h3, h4, th, data')).map((text) => text.data);

  /** What sticks out of the window, of its own box, or of its picture, or is too small to read. */
  function layout(paper = false) {
    const wrong = [];
    const width = document.documentElement.clientWidth;
    const page = document.scrollingElement;
    if (page.scrollWidth > page.clientWidth) wrong.push(`layout: the page is ${page.scrollWidth} wide in a window of ${page.clientWidth}`);
    for (const element of all('body *')) {
      const box = element.getBoundingClientRect();
      if (!box.width || !box.height || inScroller(element) || !drawn(element)) continue;
      if (box.left < -0.5 || box.right > width + 0.5) wrong.push(`layout: ${named(element)} goes from ${Math.round(box.left)} to ${Math.round(box.right)} of ${width}`);
      const style = getComputedStyle(element);
      if (/hidden|clip/.test(style.overflowX) && !element.closest('svg') && element.scrollWidth > element.clientWidth + 1) {
        wrong.push(`layout: ${named(element)} is cut off`);
      }
    }
    for (const text of texts(document.body)) {
      const parent = text.parentElement;
      if (parent.closest('svg')) continue;
      let box = parent;
      while (/^(inline|contents)$/.test(getComputedStyle(box).display)) box = box.parentElement;
      if (scrolls(box) || inScroller(box)) continue;
      const limits = box.getBoundingClientRect();
      const range = document.createRange();
      range.selectNodeContents(text);
      for (const line of range.getClientRects()) {
        const out = Math.max(limits.left - line.left, line.right - limits.right);
        if (out > 1) {
          wrong.push(`layout: the text "${short(text.data.trim())}" sticks out of its ${named(box)} by ${Math.ceil(out)} px`);
          break;
        }
      }
      const size = parseFloat(getComputedStyle(parent).fontSize);
      if (size < (paper ? 10 : 11)) wrong.push(`layout: the text "${short(text.data.trim())}" is ${size} px high`);
    }
    for (const svg of all('svg').filter((svg) => !svg.ownerSVGElement)) {
      const labels = all('text', svg).filter((label) => label.textContent.trim() && drawn(label));
      const boxes = labels.map((label) => label.getBoundingClientRect());
      boxes.forEach((box, at) => {
        const limits = labels[at].ownerSVGElement.getBoundingClientRect();
        const out = box.left < limits.left - 1 || box.right > limits.right + 1 || box.top < limits.top - 1 || box.bottom > limits.bottom + 1;
        if (out) wrong.push(`layout: ${named(labels[at])} sticks out of its picture`);
        const size = parseFloat(getComputedStyle(labels[at]).fontSize) * Math.abs(labels[at].getScreenCTM().a);
        if (size < 9.5) wrong.push(`layout: ${named(labels[at])} is ${size.toFixed(1)} px high`);
        boxes.slice(0, at).forEach((other, before) => {
          const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
          const along = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
          // Boxes of lines that follow closely touch a little; the letters in them do not.
          if (across > 1 && along > box.height / 3) wrong.push(`layout: ${named(labels[at])} lies on ${named(labels[before])}`);
        });
      });
    }
    return wrong;
  }

  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const seen = new Map();
  /** Any colour of CSS as red, green, blue (0 to 255) and alpha (0 to 1). */
  function color(css) {
    if (!seen.has(css)) {
      pen.clearRect(0, 0, 1, 1);
      pen.fillStyle = css;
      pen.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
      seen.set(css, [red, green, blue, alpha / 255]);
    }
    return seen.get(css);
  }
  const over = (top, below, opacity = 1) => {
    const alpha = top[3] * opacity;
    return [0, 1, 2].map((at) => top[at] * alpha + below[at] * (1 - alpha)).concat(1);
  };
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.slice(0, 3).map((value) => (value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const opacity = (element, end = null) => {
    let product = 1;
    for (let at = element; at && at !== end; at = at.parentElement) product *= Number(getComputedStyle(at).opacity);
    return product;
  };

  /** What is behind an HTML element; on paper, backgrounds are left out unless the style insists. */
  function behind(element, paper) {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (paper && style.printColorAdjust !== 'exact') continue;
      if (style.backgroundImage !== 'none') return null;
      layers.unshift([color(style.backgroundColor), opacity(at)]);
    }
    const dark = !paper && /dark/.test(getComputedStyle(document.documentElement).colorScheme) && matchMedia('(prefers-color-scheme: dark)').matches;
    return layers.reduce((below, [top, strength]) => over(top, below, strength), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
  }

  /** The colours under a text of a picture, at nine points of it. */
  function under(label, paper) {
    // Pictures may stand in each other, to place their parts in per cent.
    let svg = label.closest('svg');
    while (svg.ownerSVGElement) svg = svg.ownerSVGElement;
    const base = behind(svg, paper);
    if (!base) return null;
    const shapes = all('rect, path, circle, ellipse, polygon', svg).filter(
      (shape) => shape.compareDocumentPosition(label) & Node.DOCUMENT_POSITION_FOLLOWING && !shape.closest('defs, clipPath, mask, pattern') && drawn(shape),
    );
    const box = label.getBoundingClientRect();
    const colors = [];
    for (const across of [0.02, 0.5, 0.98]) {
      for (const along of [0.3, 0.5, 0.7]) {
        const x = box.left + box.width * across;
        const y = box.top + box.height * along;
        let below = base;
        for (const shape of shapes) {
          const point = new DOMPoint(x, y).matrixTransform(shape.getScreenCTM().inverse());
          const style = getComputedStyle(shape);
          if (style.fill === 'none' || !shape.isPointInFill(point)) continue;
          if (style.fill.startsWith('url')) return null;
          below = over(color(style.fill), below, Number(style.fillOpacity) * opacity(shape, svg));
        }
        colors.push(below);
      }
    }
    return colors;
  }

  /** Every text against what is behind it. */
  function contrast(paper = false) {
    const wrong = [];
    for (const text of texts(document.body)) {
      const element = text.parentElement;
      const style = getComputedStyle(element);
      const label = element.closest('svg text');
      const grounds = label ? under(label, paper) : [behind(element, paper)];
      if (!grounds || grounds.includes(null)) {
        wrong.push(`contrast: what is behind ${named(element)} is no plain colour`);
        continue;
      }
      const ink = label ? style.fill : style.color;
      const strength = opacity(element) * (label ? Number(style.fillOpacity) : 1);
      const least = Math.min(...grounds.map((ground) => ratio(over(color(ink), ground, strength), ground)));
      if (least < 4.5) wrong.push(`contrast: ${named(element)} has ${least.toFixed(2)}`);
    }
    return wrong;
  }

  /** Opens all that is folded up, or folds it up again. */
  const unfold = (open) => all('details').forEach((part) => (part.open = open));

  return { selfContained, structure, words, numbers, printed, pictures, uncut, layout, contrast, unfold };
})();
