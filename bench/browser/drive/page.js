// Functions that the driver runs in a page. Each answers with plain data. They keep
// nothing in the page.

const spaces = /[\s\u00a0]+/g;
const tidy = (s) => (s || '').replace(spaces, ' ').trim();
// What a label says without the marks around it: a colon, a star for "needed".
const bare = (s) => tidy(s).replace(/[\s*＊:：]+$/u, '').replace(/^[\s*＊]+/u, '');

function shown(e) {
  if (!e.isConnected) return false;
  if (e.checkVisibility && !e.checkVisibility({visibilityProperty: true, opacityProperty: false})) return false;
  const r = e.getBoundingClientRect();
  return r.width > 0 && r.height > 0;
}

function visibleText() { return document.body ? document.body.innerText : ''; }
function wholeHTML() { return document.documentElement ? document.documentElement.outerHTML : ''; }

function links() {
  const seen = new Set();
  for (const a of document.querySelectorAll('a[href]')) seen.add(a.getAttribute('href'));
  return [...seen];
}

function byIDs(list) {
  return list.split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean).map((e) => e.textContent).join(' ');
}

// nameOf is what a person calls a field or a button.
function nameOf(e) {
  if (e.getAttribute('aria-labelledby')) return bare(byIDs(e.getAttribute('aria-labelledby')));
  if (e.getAttribute('aria-label')) return bare(e.getAttribute('aria-label'));
  if (e.labels && e.labels.length) return bare([...e.labels].map((l) => labelText(l)).join(' '));
  if (e.matches('input[type=submit],input[type=button],input[type=reset]')) return bare(e.value);
  if (e.matches('button,a,summary,[role=button],[role=tab]')) {
    const alt = [...e.querySelectorAll('img[alt]')].map((i) => i.alt).join(' ');
    return bare(e.innerText || e.textContent || alt || e.title);
  }
  return bare(e.title || '');
}

// labelText is a label without what stands in the field that it holds.
function labelText(l) {
  const c = l.cloneNode(true);
  for (const f of c.querySelectorAll('select,textarea,input,button,small,.hint')) f.remove();
  return bare(c.textContent) || bare(l.textContent);
}

const fieldsOf = 'input:not([type=hidden]):not([type=submit]):not([type=button]):not([type=reset]),select,textarea';

// find looks for the things of a selector that a person calls so: exactly first, then
// by the beginning. which counts from 1 where several are meant to be called alike.
function find(selector, name, within, which) {
  const all = [...scope(within).querySelectorAll(selector)].filter((e) => shown(e) || e.type === 'file' || e.type === 'radio' || e.type === 'checkbox');
  let hit = all.filter((e) => nameOf(e) === name);
  if (!hit.length) hit = all.filter((e) => nameOf(e).startsWith(name));
  if (!hit.length) hit = all.filter((e) => nameOf(e).includes(name));
  if (which) return {hit: hit.slice(which - 1, which), count: hit.length};
  return {hit, count: hit.length};
}

// scope is the part of the page whose heading, legend, caption or label is called so.
function scope(within) {
  if (!within) return document;
  for (const e of document.querySelectorAll('section,fieldset,form,table,article,details,tr,li,[role=group],[role=region],dialog')) {
    const l = e.getAttribute('aria-label') || (e.getAttribute('aria-labelledby') && byIDs(e.getAttribute('aria-labelledby'))) ||
      (e.querySelector(':scope > legend, :scope > h1, :scope > h2, :scope > h3, :scope > caption, :scope > summary, :scope > header h2') || {}).textContent;
    if (l && bare(l) === within) return e;
  }
  for (const e of document.querySelectorAll('tr,li,fieldset,article')) if (tidy(e.textContent).includes(within)) return e;
  throw new Error('no part of the page is called so');
}

const mark = 'data-driven';

// point marks the one thing that is called so and says where its middle is.
function point(selector, name, within, which) {
  for (const e of document.querySelectorAll('[' + mark + ']')) e.removeAttribute(mark);
  const f = find(selector, name, within, which);
  if (f.hit.length !== 1) {
    // A link and a button for the same thing at two places of a page are one thing.
    const same = new Set(f.hit.map((e) => e.tagName + ' ' + (e.getAttribute('href') || '')));
    if (!(f.hit.length > 1 && same.size === 1 && f.hit[0].getAttribute('href'))) return {count: f.count, x: 0, y: 0, kind: ''};
  }
  const e = f.hit[0];
  e.setAttribute(mark, '1');
  for (let d = e.closest('details'); d; d = d.parentElement && d.parentElement.closest('details')) {
    if (!e.matches('summary') || e.parentElement !== d) d.open = true;
  }
  e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
  const r = (e.getClientRects()[0] || e.getBoundingClientRect());
  return {count: 1, x: r.left + r.width / 2, y: r.top + r.height / 2, kind: (e.type || e.tagName).toLowerCase(), checked: !!e.checked, disabled: !!e.disabled};
}

function marked() { return document.querySelector('[' + mark + ']'); }

// ready puts the caret into the marked field and selects what is in it.
function ready() {
  const e = marked();
  e.focus();
  if (e.select) e.select();
  return true;
}

function put(value) {
  const e = marked();
  e.value = value;
  e.dispatchEvent(new Event('input', {bubbles: true}));
  e.dispatchEvent(new Event('change', {bubbles: true}));
  return e.value === value;
}

function choose(text) {
  const e = marked();
  const o = [...e.options].find((x) => bare(x.textContent) === text) || [...e.options].find((x) => x.value === text) || [...e.options].find((x) => bare(x.textContent).includes(text));
  if (!o) return false;
  e.value = o.value;
  e.dispatchEvent(new Event('input', {bubbles: true}));
  e.dispatchEvent(new Event('change', {bubbles: true}));
  return true;
}

function value(name, within) {
  const f = find(fieldsOf, name, within);
  return f.hit.length ? String(f.hit[0].value) : null;
}

function called(selector) { return [...document.querySelectorAll(selector)].filter(shown).map(nameOf); }

function active() {
  const e = document.activeElement;
  if (!e || e === document.body || e === document.documentElement) return {name: '', kind: '', nowhere: true};
  return {name: nameOf(e), kind: (e.type || e.tagName).toLowerCase(), nowhere: false};
}

// Looking at focus: the style of the thing that has it, and of the same thing after.
function look(e) {
  const s = getComputedStyle(e);
  const o = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0 ? s.outlineStyle + s.outlineWidth + s.outlineColor : '';
  return [o, s.boxShadow, s.borderTopColor, s.borderBottomColor, s.borderTopWidth, s.backgroundColor, s.textDecorationLine].join('|');
}
function focusLook() {
  const had = document.querySelector('[data-focused]'), e = document.activeElement;
  const before = had ? look(had) : '';
  if (!e || e === document.body || e === document.documentElement) return {key: -1, name: '', tag: '', look: '', seen: true, before, out: true};
  if (had) had.removeAttribute('data-focused');
  e.setAttribute('data-focused', '1');
  const r = e.getBoundingClientRect();
  return {name: nameOf(e), tag: e.tagName.toLowerCase(), look: look(e), seen: r.width > 1 && r.height > 1, key: keyOf(e), before, out: false};
}
function letGo() {
  const e = document.activeElement;
  e.blur();
  return look(e);
}
function keyOf(e) {
  const all = [...document.querySelectorAll('a,button,input,select,textarea,summary,[tabindex]')];
  return all.indexOf(e);
}
function reachable() {
  return [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]')].filter((e) => shown(e) && !e.disabled && e.tabIndex >= 0 &&
    !(e.type === 'radio' && [...document.querySelectorAll('input[type=radio]')].some((o) => o.name === e.name && o.form === e.form && o !== e && (o.checked || (!e.checked && keyOf(o) < keyOf(e)))))).map((e) => ({key: keyOf(e), name: nameOf(e)}));
}

// Contrast, as WCAG 2 has it.
const board = (() => { const c = document.createElement('canvas'); c.width = c.height = 1; return c.getContext('2d', {willReadFrequently: true}); })();
const colours = new Map();
function colour(text) {
  let c = colours.get(text);
  if (!c) {
    board.clearRect(0, 0, 1, 1);
    board.fillStyle = '#000';
    board.fillStyle = text;
    board.fillRect(0, 0, 1, 1);
    const d = board.getImageData(0, 0, 1, 1).data;
    c = [d[0], d[1], d[2], d[3] / 255];
    colours.set(text, c);
  }
  return c;
}
const over = (f, b) => { const a = f[3] + b[3] * (1 - f[3]); return a === 0 ? [0, 0, 0, 0] : [0, 1, 2].map((i) => (f[i] * f[3] + b[i] * b[3] * (1 - f[3])) / a).concat(a); };
function luminance(c) {
  const v = c.slice(0, 3).map((x) => { x /= 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; });
  return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2];
}
function behind(e) {
  let c = [0, 0, 0, 0], picture = false;
  for (; e; e = e.parentElement) {
    const s = getComputedStyle(e);
    if (s.backgroundImage !== 'none') picture = true;
    c = over(c, colour(s.backgroundColor));
    if (c[3] > 0.999) break;
  }
  return {c: over(c, [255, 255, 255, 1]), picture};
}
function fades(e) { let o = 1; for (; e; e = e.parentElement) o *= parseFloat(getComputedStyle(e).opacity); return o; }
function ratioOf(e, text) {
  const b = behind(e), o = fades(e);
  let f = colour(text).slice();
  f[3] *= o;
  const l1 = luminance(over(f, b.c)), l2 = luminance(b.c);
  return (Math.max(l1, l2) + 0.05) / (Math.min(l1, l2) + 0.05);
}
function faint() {
  const out = [], seen = new Set();
  let count = 0;
  const judge = (e, text, c) => {
    const s = getComputedStyle(e), px = parseFloat(s.fontSize), bold = parseInt(s.fontWeight, 10) >= 700;
    const need = px >= 24 || (bold && px >= 18.66) ? 3 : 4.5;
    const r = ratioOf(e, c);
    count++;
    if (r < need - 0.005) {
      const k = text + r.toFixed(2);
      if (!seen.has(k)) { seen.add(k); out.push({text: text.slice(0, 24), ratio: Math.round(r * 100) / 100, need}); }
    }
  };
  const w = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = w.nextNode(); n; n = w.nextNode()) {
    const t = tidy(n.data), e = n.parentElement;
    if (!t || !e || !shown(e) || e.closest('svg,[disabled],[aria-disabled=true],option,script,style')) continue;
    const clip = e.getBoundingClientRect();
    if (clip.width <= 1 || clip.height <= 1) continue;
    judge(e, t, getComputedStyle(e).color);
  }
  for (const e of document.querySelectorAll(fieldsOf)) {
    if (!shown(e) || e.disabled) continue;
    if (e.value && e.type !== 'checkbox' && e.type !== 'radio') judge(e, String(e.value), getComputedStyle(e).color);
    if (e.placeholder) judge(e, e.placeholder, getComputedStyle(e, '::placeholder').color);
  }
  for (const e of document.querySelectorAll('svg text')) if (shown(e)) judge(e, tidy(e.textContent), getComputedStyle(e).fill);
  return {count, out};
}

// What does not fit: the page itself, and things that stick out of it.
function overflow() {
  const root = document.documentElement, wide = root.clientWidth;
  const out = [];
  if (Math.max(root.scrollWidth, document.body ? document.body.scrollWidth : 0) > wide + 1) {
    for (const e of document.querySelectorAll('body *')) {
      if (!shown(e)) continue;
      const r = e.getBoundingClientRect();
      if (r.right > wide + 1 && !scrolls(e.parentElement)) out.push(e.tagName.toLowerCase() + (e.className && e.className.baseVal === undefined ? '.' + String(e.className).split(/\s+/).join('.') : '') + ' +' + Math.round(r.right - wide));
    }
    if (!out.length) out.push('the page');
  }
  return out.slice(0, 12);
}
function scrolls(e) {
  for (; e && e !== document.body && e !== document.documentElement; e = e.parentElement) {
    const x = getComputedStyle(e).overflowX;
    if (x === 'auto' || x === 'scroll' || x === 'hidden' || x === 'clip') return true;
  }
  return false;
}
// Text that is cut off where nobody can get at it, and text that lies over other text.
function cut() {
  const out = [];
  for (const e of document.querySelectorAll('body *')) {
    const s = getComputedStyle(e);
    if (!shown(e) || e.clientWidth <= 1 || e.closest('svg,canvas')) continue;
    if ((s.overflowX === 'hidden' || s.overflowX === 'clip') && s.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1 && tidy(e.innerText)) out.push(e.tagName.toLowerCase() + ' ' + tidy(e.innerText).slice(0, 16));
  }
  return out.slice(0, 12);
}

// What a page of this console never holds.
function strangers() {
  const out = [];
  for (const e of document.querySelectorAll('*')) {
    const tag = e.tagName.toLowerCase();
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) out.push(tag + ' ' + a.name);
      if (/^(href|src|action|formaction|data|xlink:href)$/i.test(a.name) && /^[\u0000-\u0020]*(javascript|vbscript|data):/i.test(a.value) && tag !== 'img') out.push(tag + ' ' + a.name);
      if (a.name === 'srcdoc' || a.name === 'style') out.push(tag + ' ' + a.name);
    }
    if (/^(iframe|object|embed|applet|base|marquee|math|foreignobject|animate|set|style|frame|frameset|portal|xss)$/.test(tag)) out.push(tag);
    if (tag === 'script' && !e.src && !/json/.test(e.type)) out.push('script with text');
    if (tag === 'meta' && /refresh|set-cookie/i.test(e.httpEquiv)) out.push('meta ' + e.httpEquiv);
    if (tag === 'form' && e.getAttribute('action') && new URL(e.getAttribute('action'), location.href).origin !== location.origin) out.push('form elsewhere');
    if (tag === 'a' && e.getAttribute('href') && !/^(mailto|tel):/.test(e.getAttribute('href')) && new URL(e.getAttribute('href'), location.href).origin !== location.origin) out.push('link elsewhere');
    if (/^(img|input|form|a|object|embed)$/.test(tag) && /^(cookie|body|forms|domain|getElementById|querySelector|addEventListener|createElement|location|htmx|uPlot|attributes|parentNode|submit|action|innerHTML)$/.test(e.id)) out.push(tag + ' #' + e.id);
  }
  return out;
}

// The bones of a page: what a screen reader finds its way by.
function bones() {
  const out = [];
  const html = document.documentElement;
  if (!/^(zh|en)/.test(html.lang)) out.push('no language');
  if (!tidy(document.title)) out.push('no title');
  if (document.querySelectorAll('main,[role=main]').length !== 1) out.push('main: ' + document.querySelectorAll('main,[role=main]').length);
  const h1 = [...document.querySelectorAll('h1')].filter(shown);
  if (h1.length !== 1) out.push('h1: ' + h1.length);
  let level = 0;
  for (const h of document.querySelectorAll('h1,h2,h3,h4,h5,h6')) {
    if (!shown(h)) continue;
    const l = +h.tagName[1];
    if (level && l > level + 1) out.push('heading jumps from ' + level + ' to ' + l + ': ' + tidy(h.textContent).slice(0, 20));
    level = l;
    if (!tidy(h.textContent)) out.push('empty heading');
  }
  const ids = new Map();
  for (const e of document.querySelectorAll('[id]')) ids.set(e.id, (ids.get(e.id) || 0) + 1);
  for (const [id, n] of ids) if (n > 1) out.push('id twice: ' + id);
  for (const t of document.querySelectorAll('table')) {
    if (!shown(t) || t.getAttribute('role') === 'presentation') continue;
    if (!t.querySelector('th')) out.push('table without headers: ' + tidy(t.innerText).slice(0, 20));
  }
  for (const e of document.querySelectorAll('[aria-labelledby],[aria-describedby]')) {
    for (const a of ['aria-labelledby', 'aria-describedby']) for (const id of (e.getAttribute(a) || '').split(/\s+/).filter(Boolean)) if (!document.getElementById(id)) out.push(a + ' to nothing: ' + id);
  }
  for (const l of document.querySelectorAll('label[for]')) if (!document.getElementById(l.htmlFor)) out.push('label for nothing: ' + l.htmlFor);
  for (const e of document.querySelectorAll('[tabindex]')) if (e.tabIndex > 0) out.push('tabindex above 0');
  if (!document.querySelector('meta[name=viewport]')) out.push('no viewport');
  return out;
}

// small are things to press that are smaller than 24 by 24 pixels (WCAG 2.2, AA), links
// within a sentence aside.
function small() {
  const out = [];
  for (const e of document.querySelectorAll('button,input:not([type=hidden]),select,[role=button]')) {
    if (!shown(e) || e.disabled) continue;
    let r = e.getBoundingClientRect();
    if ((e.type === 'checkbox' || e.type === 'radio') && e.labels && e.labels.length) {
      const l = e.labels[0].getBoundingClientRect();
      r = {width: Math.max(r.width, l.width), height: Math.max(r.height, l.height)};
    }
    if (r.width < 23.5 || r.height < 23.5) out.push(nameOf(e) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height));
  }
  return out.slice(0, 12);
}

function size() {
  const d = document.documentElement;
  return {width: Math.ceil(d.scrollWidth), height: Math.ceil(Math.max(d.scrollHeight, document.body ? document.body.scrollHeight : 0))};
}

// chrome is what the page says of its own: title, headings, labels, buttons, headers of
// tables, hints. What it shows of somebody is not meant.
function chrome() {
  const out = new Set([tidy(document.title)]);
  for (const e of document.querySelectorAll('h1,h2,h3,h4,legend,caption,th:not([scope=row]),dt,label,button,summary,nav a,.help,.hint,.empty,[aria-label],option')) {
    if (!shown(e) && e.tagName !== 'OPTION') continue;
    if (e.closest('[data-said],.said,[lang]:not(html)')) continue;
    const t = e.getAttribute('aria-label') || tidy(e.textContent);
    if (t) out.add(t);
  }
  return [...out];
}

// forms are where the page's forms go, and how.
function forms() {
  return [...document.forms].map((f, i) => ({index: i, method: f.method, action: new URL(f.getAttribute('action') || location.href, location.href).pathname, fields: [...f.elements].filter((e) => typed(e)).length}));
}
function typed(e) {
  return e.matches('textarea,input:not([type]),input[type=text],input[type=search],input[type=email],input[type=tel],input[type=url],input[type=number],input[type=date],input[type=month],input[type=password]');
}
// stuff fills every field of a form that text can be typed into with a text, whatever
// the field asks for, ticks every box, and sends the form. It returns the fields.
function stuff(index, texts) {
  const f = document.forms[index];
  if (!f) return 0;
  f.noValidate = true;
  let n = 0;
  for (const e of f.elements) {
    if (e.type === 'checkbox') e.checked = true;
    if (!typed(e)) continue;
    e.removeAttribute('maxlength');
    e.removeAttribute('pattern');
    if (e.tagName === 'INPUT') e.type = 'text';
    e.value = texts[n++ % texts.length];
  }
  const button = f.querySelector('button:not([type=button]),input[type=submit]');
  if (button) f.requestSubmit(button); else f.requestSubmit();
  return n;
}

// odd are fields that hold what no person typed.
function odd() {
  return [...document.querySelectorAll(fieldsOf)].filter((e) => shown(e) && /^(false|true|nil|<nil>|null|undefined|NaN|0001-01-01.*|\[object .*|%!.*|map\[.*)$/.test(e.value) && e.type !== 'checkbox' && e.type !== 'radio' && e.tagName !== 'SELECT').map((e) => nameOf(e) + ': ' + e.value);
}
// twins are things to press that are called alike and do different things.
function twins() {
  const seen = new Map(), out = new Set();
  for (const e of document.querySelectorAll('button,input[type=submit],a[href]')) {
    if (!shown(e) || (e.getAttribute('href') || '').startsWith('#')) continue;
    const name = nameOf(e), does = e.tagName === 'A' ? 'go ' + e.getAttribute('href').split('#')[0] : 'send ' + (e.form ? new URL(e.form.getAttribute('action') || location.href, location.href).pathname : '') + (e.value || '');
    if (!name) continue;
    if (seen.has(name) && seen.get(name) !== does) out.add(name);
    seen.set(name, does);
  }
  return [...out];
}

// send posts a form that the page does not have, as a form of the page would be, and
// leaves the page for the answer.
function send(action, fields) {
  const f = document.createElement('form');
  f.method = 'post';
  f.action = action;
  for (const name of Object.keys(fields)) {
    const i = document.createElement('input');
    i.type = 'hidden';
    i.name = name;
    i.value = fields[name];
    f.append(i);
  }
  document.body.append(f);
  f.submit();
  return true;
}
