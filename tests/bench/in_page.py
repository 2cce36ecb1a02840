"""What the bench does inside the phone app's page: marks of when things happened, and the floors beside them.

A floor is what the browser alone needs for the same work, on the same page under the same slowed processor: the
bytes read, sealed, written and painted, with nothing of ours round it. A figure means little on a busy machine; how
often the floor goes into it does.
"""

MARKS = """
window.marks = { key: 0, calls: [], lifted: 0, typed: null, signs: {} };
const { marks } = window;
window.Worker = class extends Worker {
  constructor(...all) {
    super(...all);
    this.addEventListener('message', () => { marks.key = performance.now(); });
  }
};
const { fetch: real } = window;
window.fetch = async (...all) => {
  const call = { path: String(all[0]), asked: performance.now(), came: 0, text: '' };
  marks.calls.push(call);
  const answer = await real(...all);
  const nothing = answer.status === 304 || answer.status === 204;
  const body = nothing ? null : await answer.arrayBuffer();
  if (body && call.path.endsWith('/sync')) call.text = new TextDecoder().decode(body);
  call.came = performance.now();
  return new Response(body, answer);
};
addEventListener('touchend', (event) => { marks.lifted = event.timeStamp; }, true);
// The end of the frame: before any work the app puts off until then.
marks.painted = () => new Promise((go) => {
  requestAnimationFrame(() => scheduler.postTask(go, { priority: 'user-blocking' }));
});
// A letter is done with when all that it changed on the page is painted, not when the next frame is. While no
// letters are timed, `typed` is null.
const settled = async () => {
  const letter = marks.typed?.at(-1);
  await marks.painted();
  if (letter) letter.ms = performance.now() - letter.at;
};
addEventListener('input', (event) => {
  if (!marks.typed) return;
  marks.typed.push({ at: event.timeStamp, ms: 0 });
  settled();
}, true);
const buttons = (words) => [...document.querySelectorAll('button')].filter((it) => it.textContent.includes(words));
const SIGNS = {
  list: () => document.querySelector('main .list a'),
  saved: () => document.querySelector('.saved'),
  pin: () => document.querySelector('main.door input'),
  door: () => buttons('启用这部手机').length > 0,
  idle: () => marks.calls.length > 0 && !document.querySelector('a.strip')?.textContent.includes('正在同步'),
};
// Only what is waited for is looked for: looking costs the slowed processor too.
const looked = new Set();
const look = () => {
  for (const name of looked) {
    if (!SIGNS[name]()) continue;
    looked.delete(name);
    marks.painted().then(() => marks.signs[name].seen(performance.now()));
  }
};
marks.watch = (name) => {
  const sign = {};
  sign.at = new Promise((seen) => { sign.seen = seen; });
  marks.signs[name] = sign;
  looked.add(name);
  look();
};
marks.when = (name) => marks.signs[name].at;
const inMain = ({ target }) => (target.closest ? target : target.parentElement)?.closest('main');
new MutationObserver((seen) => {
  look();
  if (marks.typed && seen.some(inMain)) settled();
}).observe(document, { childList: true, subtree: true, characterData: true });
marks.watch('pin');
marks.watch('door');
"""

_SCRATCH = """
  const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  const iv = () => crypto.getRandomValues(new Uint8Array(12));
  const seal = async (value) => {
    const at = iv();
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    return { iv: at, ct: await crypto.subtle.encrypt({ name: 'AES-GCM', iv: at }, key, bytes) };
  };
  const open = async ({ iv, ct }) =>
    JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, ct)));
  const asked = (request) => new Promise((go, no) => {
    request.onsuccess = () => go(request.result);
    request.onerror = () => no(request.error);
  });
  const database = async (name, upgrade) => {
    const request = indexedDB.open(name);
    if (upgrade) request.onupgradeneeded = () => upgrade(request.result);
    return asked(request);
  };
  const scratch = await database('floor', (db) => db.createObjectStore('values', { autoIncrement: true }));
  const put = (values) => new Promise((go, no) => {
    const tx = scratch.transaction('values', 'readwrite', { durability: 'strict' });
    for (const value of values) tx.objectStore('values').put(value);
    tx.oncomplete = go;
    tx.onerror = () => no(tx.error);
  });
"""

READ_ALL = f"""async () => {{{_SCRATCH}
  // Every drawer of the store read, and as many values of the same sizes opened.
  const db = await database('zoufang');
  const names = [...db.objectStoreNames];
  const readAll = () => {{
    const tx = db.transaction(names);
    return Promise.all(names.map((name) => asked(tx.objectStore(name).getAll())));
  }};
  const row = ['0193', 'child', 12345, {{ name: '山坡村口', birth_date: '2016-03-04', note: '和爷爷奶奶住' }}];
  const size = JSON.stringify(row).length * 1.3;
  const sizes = (await readAll()).flat().filter((it) => it.ct).map((it) => it.ct.byteLength);
  const values = await Promise.all(sizes.map((n) => seal(Array(Math.max(1, Math.round(n / size))).fill(row))));
  const from = performance.now();
  await readAll();
  await Promise.all(values.map(open));
  db.close();
  scratch.close();
  return performance.now() - from;
}}"""

BARE_SAVE = f"""async (count) => {{{_SCRATCH}
  // One record of the size of a visit sealed, written strictly, and a word painted.
  const button = document.createElement('button');
  document.querySelector('main').append(button);
  const times = [];
  for (let n = 0; n < count; n++) {{
    await new Promise((go) => setTimeout(go, 100));
    const from = performance.now();
    await put([await seal({{ text: 'x'.repeat(900) }}), await seal({{ counters: n }})]);
    button.textContent = String(n);
    await marks.painted();
    times.push(performance.now() - from);
  }}
  button.remove();
  scratch.close();
  return times;
}}"""

BARE_APPLY = f"""async () => {{{_SCRATCH}
  // The answers that came parsed, their rows sealed in blocks, each answer written in one transaction.
  const texts = marks.calls.map((it) => it.text).filter((it) => it.includes('"pages"'));
  const from = performance.now();
  for (const text of texts) {{
    const rows = Object.values(JSON.parse(text).pages).flatMap((page) => page.rows);
    const blocks = [];
    for (let at = 0; at < rows.length; at += 256) blocks.push(seal(rows.slice(at, at + 256)));
    await put(await Promise.all(blocks));
  }}
  scratch.close();
  return performance.now() - from;
}}"""

BARE_FIELD = """() => {
  const field = document.createElement('input');
  field.id = 'floor';
  document.querySelector('main').prepend(field);
  field.focus();
}"""
