/**
 * The page's own script. It asks from time to time whether the page is another one, and changes what differs, element by
 * element, so that focus, scroll position, selection and what was opened stay. Without it the page is complete, and is
 * reloaded as a whole.
 */
// biome-ignore lint/suspicious/noRedundantUseStrict: browsers get it as a classic script.
'use strict';

const refreshMs = 1000 * Number(document.body.dataset.refreshSeconds || 0);
const pause = /** @type {HTMLElement} */ (document.getElementById('pause'));
const trouble = /** @type {HTMLElement} */ (document.getElementById('trouble'));
/** What was shown takes at most this part of the time, and is at most so old, in ms. */
const WORKING_PART = 1 / 25;
const LONGEST_WAIT_MS = 15000;
let waitMs = refreshMs;
let isPaused = false;
let isLoading = false;
/** @type {number | undefined} */
let timer;

// What the reader opened stays open, and a picture that could not be loaded stays marked.
const KEPT_ATTRIBUTES = new Set(['open', 'data-missing']);

/** @param {Node} node */
function keyOf(node) {
  return node instanceof HTMLElement ? node.id || node.dataset.key || '' : '';
}

/** @type {(node: Node | null, other: Node) => node is Node} */
function isSame(node, other) {
  return node !== null && node.nodeName === other.nodeName && keyOf(node) === keyOf(other);
}

/**
 * Makes a node look as wanted. An existing node stays the same node.
 * @param {Node} node
 * @param {Node} wanted
 */
function update(node, wanted) {
  if (!(node instanceof Element && wanted instanceof Element)) {
    if (node.nodeValue !== wanted.nodeValue) node.nodeValue = wanted.nodeValue;
    return;
  }
  // This button's text and state are the script's own.
  if (node === pause) return;
  updateAttributes(node, wanted);
  updateChildren(node, wanted);
}

/** @type {(element: Element, wanted: Element) => void} */
function updateAttributes(element, wanted) {
  for (const { name } of [...element.attributes]) {
    if (!wanted.hasAttribute(name) && !KEPT_ATTRIBUTES.has(name)) element.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (element.getAttribute(name) !== value) element.setAttribute(name, value);
  }
}

/** @type {(parent: Element, wanted: Element) => void} */
function updateChildren(parent, wanted) {
  const wantedKeys = new Set([...wanted.childNodes].map(keyOf));
  /** @type {Map<string, ChildNode>} */
  const keyed = new Map();
  for (const node of [...parent.childNodes]) {
    if (!wantedKeys.has(keyOf(node))) node.remove();
    else if (keyOf(node)) keyed.set(keyOf(node), node);
  }
  let current = parent.firstChild;
  for (const child of wanted.childNodes) {
    const known = keyed.get(keyOf(child)) ?? current;
    if (!isSame(known, child)) {
      parent.insertBefore(document.importNode(child, true), current);
      continue;
    }
    keyed.delete(keyOf(child));
    if (known === current) current = known.nextSibling;
    else moveBefore(parent, known, current);
    update(known, child);
  }
  while (current) {
    const next = current.nextSibling;
    current.remove();
    current = next;
  }
}

/**
 * Where the browser can, without taking the focus off the moved node.
 * @type {(parent: Element, node: Node, next: Node | null) => void}
 */
function moveBefore(parent, node, next) {
  if (parent.moveBefore) parent.moveBefore(node, next);
  else parent.insertBefore(node, next);
}

/** @param {string} text */
function say(text) {
  if (trouble.textContent !== text) trouble.textContent = text;
  trouble.hidden = text === '';
}

/** @type {(page: Document, name: string) => Element} */
function partOf(page, name) {
  const part = page.querySelector(name);
  if (part === null) throw new Error(`no ${name}`);
  return part;
}

/** Asks for the page, if it is another one than what is shown. */
function ask() {
  const version = document.body.dataset.version;
  return fetch(location.href, {
    cache: 'no-store',
    headers: version ? { 'if-none-match': version } : {},
    signal: AbortSignal.timeout(20000),
  });
}

/**
 * Makes the page look like a new one, unless the reader has stopped it meanwhile.
 * @param {string} text
 */
function show(text) {
  const wanted = new DOMParser().parseFromString(text, 'text/html');
  if (isPaused) return false;
  document.title = wanted.title;
  for (const name of ['header', 'main']) update(partOf(document, name), partOf(wanted, name));
  document.body.dataset.version = wanted.body.dataset.version ?? '';
  return true;
}

/**
 * The page is still the same at the time of an answer.
 * @param {string | null} date
 */
function showTime(date) {
  const at = new Date(date ?? '');
  if (Number.isNaN(at.getTime())) return;
  const time = /** @type {HTMLElement} */ (partOf(document, '#updated time'));
  const local = new Date(at.getTime() + Number(time.dataset.offsetMs));
  time.setAttribute('datetime', at.toISOString());
  time.textContent = (time.textContent ?? '').replace(/^[\d:]+/, local.toISOString().slice(11, 19));
}

async function refresh() {
  if (isLoading || isPaused || document.hidden) return;
  isLoading = true;
  try {
    const startedAt = performance.now();
    const answer = await ask();
    // The session is over.
    if (answer.status === 401) return location.reload();
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    if (answer.status === 304) showTime(answer.headers.get('date'));
    else if (!show(await answer.text())) return;
    const workedMs = performance.now() - startedAt;
    waitMs = Math.max(refreshMs, Math.min(workedMs / WORKING_PART, LONGEST_WAIT_MS));
    say('');
  } catch {
    say('This page is not up to date: there is no answer. Trying again.');
  } finally {
    isLoading = false;
    schedule();
  }
}

function schedule() {
  clearTimeout(timer);
  if (!isPaused && !document.hidden) timer = setTimeout(refresh, waitMs);
}

function togglePause() {
  isPaused = !isPaused;
  pause.textContent = isPaused ? 'Resume updates' : 'Pause updates';
  if (isPaused) clearTimeout(timer);
  else refresh();
}

/**
 * Events of pictures do not bubble, but can be caught on their way down.
 * @type {(event: 'error' | 'load', isMissing: boolean) => void}
 */
function watchPictures(event, isMissing) {
  document.addEventListener(
    event,
    ({ target }) => target instanceof HTMLImageElement && target.toggleAttribute('data-missing', isMissing),
    true,
  );
}
watchPictures('error', true);
watchPictures('load', false);
for (const picture of document.images) {
  picture.toggleAttribute('data-missing', picture.complete && picture.naturalWidth === 0);
}

if (refreshMs > 0) {
  pause.hidden = false;
  pause.addEventListener('click', togglePause);
  document.addEventListener('visibilitychange', refresh);
  schedule();
}
