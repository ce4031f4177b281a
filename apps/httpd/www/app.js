// SPDX-License-Identifier: MIT
// The living page: one WebSocket brings the status once a second and what changed of the screen; what is to be done goes by POST, with the
// token in a field of its head. No framework, nothing from elsewhere. What the machine says is put in as text, never as HTML.
'use strict';
(() => {
  const $ = (id) => document.getElementById(id);
  const canvas = $('screen'), paint = canvas.getContext('2d', {alpha: false});
  let socket = null, token = '', once = '', hands = false, shrink = 0, frames = 0, bytes = 0, before = null, delay = 500;
  const rows = new Map(), kept = new Set();

  // ---- what is shown ----
  const units = (n) => n < 1024 * 1024 ? Math.round(n / 1024) + ' KiB' : (n / 1048576).toFixed(n < 10485760 ? 1 : 0) + ' MiB';
  const time = (ms) => {
    const s = Math.floor(ms / 1000), d = Math.floor(s / 86400), h = Math.floor(s / 3600) % 24, m = Math.floor(s / 60) % 60;
    return d ? `${d} d ${h} h` : h ? `${h} h ${m} min` : m ? `${m} min ${s % 60} s` : `${s} s`;
  };
  const make = (tag, name, text) => {
    const e = document.createElement(tag);
    if (name) e.className = name;
    if (text !== undefined) e.textContent = text;
    return e;
  };
  const set = (e, text) => { if (e.textContent !== text) e.textContent = text; };

  function row(pid) {
    const li = make('li'), who = make('div', 'who'), what = make('div', 'what'), acts = make('div', 'acts');
    const r = {li, name: make('b'), small: make('small'), state: make('span', 'tag'), load: make('span'), bar: null, memory: make('span'), faults: make('span', 'tag bad'), proof: make('span', 'tag'), acts, more: make('button', 'more', '⋯'), buttons: {}, time: null};
    acts.hidden = r.more.hidden = true;
    acts.id = 'acts-' + pid;
    r.more.type = 'button';
    r.more.setAttribute('aria-expanded', 'false');
    r.more.setAttribute('aria-controls', acts.id);
    r.more.addEventListener('click', () => {
      acts.hidden = !acts.hidden;
      r.more.setAttribute('aria-expanded', String(!acts.hidden));
    });
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg'), rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    rect.setAttribute('height', '5');
    svg.append(rect);
    r.bar = rect;
    const gauge = make('i'), load = make('span', 'load');
    gauge.append(svg);
    load.append(gauge, r.load);
    who.append(r.name, r.small);
    what.append(r.state, load, r.memory, r.faults, r.proof);
    for (const [action, label] of [['pause', 'Pause'], ['resume', 'Resume'], ['start', 'Start'], ['restart', 'Restart'], ['save', 'Save'], ['undo', 'Undo'], ['stop', 'Stop']]) {
      const b = make('button', '', label);
      b.type = 'button';
      b.addEventListener('click', () => act(action, pid, r.name.textContent));
      r.buttons[action] = b;
      acts.append(b);
    }
    li.append(who, what, r.more, acts);
    rows.set(pid, r);
    return r;
  }

  function show(status) {
    const now = performance.now(), past = before ? now - before : 0;
    before = now;
    full = status.full;
    if (!asked) look();
    set($('dark'), full && !known ? 'Enter the token to see the screen' : 'No picture yet');
    $('door').hidden = !full || !!once;
    $('hands').hidden = !known;
    $('rate').hidden = full && !known;
    $('finer').hidden = (full && !known) || shrink === 1;
    $('kept-files').hidden = !status.files;
    set($('uptime'), time(status.uptime_ms));
    set($('count'), String(status.apps.length));
    const used = status.memory - status.memory_free;
    set($('memory'), `${units(used)} of ${units(status.memory)}`);
    $('meter').value = status.memory ? used / status.memory : 0;
    const gone = new Set(rows.keys());
    let sum = 0;
    for (const app of status.apps) {
      gone.delete(app.pid);
      const r = rows.get(app.pid) || row(app.pid);
      const share = r.time !== null && past > 0 ? Math.min(1, (app.time_ns - r.time) / 1e6 / past) : 0;
      r.time = app.time_ns;
      sum += share;
      set(r.name, app.name);
      set(r.small, `pid ${app.pid}`);
      set(r.state, app.state);
      const still = app.state === 'stopped' || app.state === 'ended', paused = app.state === 'paused';
      r.state.className = 'tag' + (still ? ' bad' : '');
      r.li.className = still || paused ? 'still' : '';
      set(r.load, (share * 100).toFixed(share < .0995 ? 1 : 0) + ' %');
      r.bar.setAttribute('width', String(Math.round(share * 46)));
      set(r.memory, units(app.memory));
      r.faults.hidden = !app.faults && !app.restarts;
      set(r.faults, app.faults + (app.faults === 1 ? ' fault' : ' faults') + (app.restarts ? `, began anew ${app.restarts}×` : ''));
      r.proof.hidden = still;
      r.proof.className = 'tag' + (app.isolated ? ' good' : '');
      set(r.proof, app.isolated ? 'verified' : 'trusted');
      r.more.hidden = !once;
      if (!once) r.acts.hidden = true;
      r.more.setAttribute('aria-label', `What can be done with ${app.name}`);
      r.buttons.pause.hidden = still || paused || app.carries;
      r.buttons.resume.hidden = !paused;
      r.buttons.start.hidden = !still;
      r.buttons.restart.hidden = still;
      r.buttons.save.hidden = still;
      r.buttons.undo.hidden = still || !kept.has(app.pid);
      r.buttons.stop.hidden = still || app.carries;
      r.carries = app.carries;
      if (!r.li.parentNode) $('apps').append(r.li);
    }
    for (const pid of gone) { rows.get(pid).li.remove(); rows.delete(pid); }
    set($('busy'), `${(sum * 100).toFixed(0)} % busy`);
    const box = $('crashes');
    if (box.dataset.last !== String(status.crashes.length ? status.crashes[status.crashes.length - 1].seq : 0)) {
      box.replaceChildren(...status.crashes.slice().reverse().map((crash) => {
        const d = make('details'), lines = crash.text.split('\n');
        d.append(make('summary', '', lines[0]), make('pre', '', lines.slice(1).join('\n') || lines[0]));
        return d;
      }));
      box.dataset.last = String(status.crashes.length ? status.crashes[status.crashes.length - 1].seq : 0);
    }
    $('crash-box').hidden = !status.crashes.length;
    const log = $('log'), below = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
    if (log.textContent !== status.log) {
      log.textContent = status.log;
      if (below) log.scrollTop = log.scrollHeight;
    }
    if (past) set($('rate'), `${Math.round(frames * 1000 / past)} pictures/s, ${Math.round(bytes / past * 1000 / 1024)} KiB/s`);
    frames = bytes = 0;
  }

  // ---- the picture: tiles, as QOI writes pixels ----
  function picture(data) {
    const view = new DataView(data), w = view.getUint16(2, true), h = view.getUint16(4, true), tile = view.getUint16(6, true), count = view.getUint16(8, true);
    const across = Math.ceil(w / tile), b = new Uint8Array(data), seen = new Uint32Array(64);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; $('dark').hidden = true; }
    let at = 10 + 2 * count, r = 0, g = 0, bl = 0, run = 0;
    for (let i = 0; i < count; i++) {
      const no = view.getUint16(10 + 2 * i, true), x = no % across * tile, y = Math.floor(no / across) * tile;
      const tw = Math.min(tile, w - x), th = Math.min(tile, h - y), image = paint.createImageData(tw, th), px = image.data;
      for (let p = 0; p < px.length; p += 4) {
        if (run > 0) run--;
        else {
          const c = b[at++];
          if (c === 0xfe) { r = b[at++]; g = b[at++]; bl = b[at++]; }
          else if (c >= 0xc0) run = c & 63;
          else if (c >= 0x80) { const d = b[at++], dg = (c & 63) - 32; r = r + dg - 8 + (d >> 4) & 255; g = g + dg & 255; bl = bl + dg - 8 + (d & 15) & 255; }
          else if (c >= 0x40) { r = r + (c >> 4 & 3) - 2 & 255; g = g + (c >> 2 & 3) - 2 & 255; bl = bl + (c & 3) - 2 & 255; }
          else { const v = seen[c]; r = v & 255; g = v >> 8 & 255; bl = v >> 16 & 255; }
          if (c < 0xc0 || c === 0xfe) seen[(r * 3 + g * 5 + bl * 7 + 255 * 11) % 64] = (r | g << 8 | bl << 16) >>> 0;
        }
        px[p] = r; px[p + 1] = g; px[p + 2] = bl; px[p + 3] = 255;
      }
      paint.putImageData(image, x, y);
    }
    frames++;
    bytes += data.byteLength;
  }

  const send = (words) => { if (socket && socket.readyState === 1) socket.send(words); };
  // Where something can be done the token may be on the screen: then it has to be known to see that.
  let full = null, known = false, asked = false;
  const look = () => {
    if (document.hidden || full === null || (full && !known)) return;
    asked = true;
    requestAnimationFrame(() => send('look ' + shrink));
  };

  // ---- the line ----
  function connect() {
    socket = new WebSocket((location.protocol === 'https:' ? 'wss://' : 'ws://') + location.host + '/ws');
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      delay = 500;
      $('lamp').className = 'lamp on';
      set($('state'), 'live');
      asked = known = false;
      if (token) prove();
    };
    socket.onmessage = (event) => {
      if (typeof event.data !== 'string') { picture(event.data); look(); return; }
      const said = JSON.parse(event.data);
      if (said.may !== undefined) { known = said.may; hold(hands && known); look(); return; }
      show(said);
    };
    socket.onclose = () => {
      $('lamp').className = 'lamp off';
      set($('state'), 'no connection, trying again');
      known = false;
      down.clear(); // the machine has let go of them
      hold(false);
      setTimeout(connect, delay);
      delay = Math.min(10000, delay * 2);
    };
  }
  document.addEventListener('visibilitychange', look);
  shrink = Math.max(1, Math.min(4, Math.round(1280 / Math.max(320, Math.min(1280, $('screen').clientWidth * (window.devicePixelRatio || 1))))));
  $('finer').addEventListener('click', () => { shrink = 1; $('finer').hidden = true; look(); });

  // ---- doing ----
  async function ask(path, body) {
    const head = {Authorization: 'Bearer ' + token, 'Content-Type': 'application/x-www-form-urlencoded'};
    if (once && path !== '/api/login') head.Once = once;
    const answer = await fetch(path, {method: 'POST', headers: head, body, cache: 'no-store', credentials: 'omit'});
    if (answer.ok) { once = (await answer.json()).once; return ''; }
    return (await answer.text()).trim();
  }
  const says = (text) => { $('door').hidden = !full || (!!once && !text); set($('door-says'), text); };
  $('door').addEventListener('submit', async (event) => {
    event.preventDefault();
    token = $('token').value.trim().toLowerCase();
    says('');
    const wrong = await ask('/api/login', '').catch(() => 'the machine does not answer');
    $('token').value = '';
    if (wrong) { once = ''; says(/^401/.test(wrong) ? 'That is not the token.' : /^429/.test(wrong) ? 'Too many tries. Wait a few seconds.' : wrong); return; }
    $('door').hidden = true;
    prove();
    for (const r of rows.values()) r.more.hidden = false;
  });
  let queue = Promise.resolve();
  const act = (action, pid, name) => {
    if (action === 'stop' && !confirm(`Stop ${name}? What it holds is lost.`)) return;
    if (action === 'restart' && rows.get(pid).carries && !confirm(`Begin ${name} anew? This page is gone for a moment.`)) return;
    if (action === 'undo' && !confirm(`Put ${name} back to what was saved?`)) return;
    for (const b of Object.values(rows.get(pid).buttons)) b.disabled = true;
    queue = queue.then(async () => {
      let wrong = await ask('/api/do', `action=${action}&pid=${pid}`).catch(() => 'the machine does not answer');
      if (/^409.*another/.test(wrong) && !await ask('/api/login', '')) wrong = await ask('/api/do', `action=${action}&pid=${pid}`);
      says(wrong ? `${name}: ${wrong}` : '');
      if (!wrong && action === 'save') kept.add(pid);
      const r = rows.get(pid);
      if (r) for (const b of Object.values(r.buttons)) b.disabled = false;
    });
  };

  // ---- hands ----
  // The line to the machine learns who we are; what is used up by that is replaced.
  async function prove() {
    if (await ask('/api/login', '')) return;
    send(`token ${token} ${once}`);
    await ask('/api/login', '');
  }
  // What is down in the machine by this page. Who looks away while a key is down lets go of it elsewhere, and this page never hears of it.
  const down = new Set();
  const push = (code, isDown) => {
    if (isDown) down.add(code);
    else down.delete(code);
    send(`key ${code} ${isDown ? 1 : 0}`);
  };
  const release = () => { for (const code of [...down]) push(code, false); };
  function hold(may) {
    if (!may) release();
    hands = may;
    $('hands').setAttribute('aria-pressed', String(may));
    set($('hands'), may ? 'Let go (Esc twice)' : 'Take control');
    canvas.className = may ? 'held' : '';
    canvas.tabIndex = may ? 0 : -1;
    if (may) canvas.focus();
  }
  $('hands').addEventListener('click', () => { hold(!hands && known); });

  // evdev's codes of the keys of a keyboard, by their places
  const codes = {Escape: 1, Minus: 12, Equal: 13, Backspace: 14, Tab: 15, BracketLeft: 26, BracketRight: 27, Enter: 28, ControlLeft: 29, Semicolon: 39, Quote: 40, Backquote: 41, ShiftLeft: 42, Backslash: 43, Comma: 51, Period: 52, Slash: 53, ShiftRight: 54, AltLeft: 56, Space: 57, CapsLock: 58, F11: 87, F12: 88, IntlBackslash: 86, NumpadEnter: 96, ControlRight: 97, AltRight: 100, Home: 102, ArrowUp: 103, PageUp: 104, ArrowLeft: 105, ArrowRight: 106, End: 107, ArrowDown: 108, PageDown: 109, Insert: 110, Delete: 111, MetaLeft: 125, MetaRight: 126};
  [...'1234567890'].forEach((c, i) => { codes['Digit' + c] = 2 + i; });
  [...'QWERTYUIOP'].forEach((c, i) => { codes['Key' + c] = 16 + i; });
  [...'ASDFGHJKL'].forEach((c, i) => { codes['Key' + c] = 30 + i; });
  [...'ZXCVBNM'].forEach((c, i) => { codes['Key' + c] = 44 + i; });
  for (let i = 1; i <= 10; i++) codes['F' + i] = 58 + i;
  let escaped = 0;
  const key = (event, isDown) => {
    if (!hands || !codes[event.code]) return;
    event.preventDefault();
    if (event.code === 'Escape' && isDown && !event.repeat) {
      if (event.timeStamp - escaped < 500) { hold(false); return; }
      escaped = event.timeStamp;
    }
    if (!event.repeat) push(codes[event.code], isDown);
  };
  canvas.addEventListener('blur', release);
  window.addEventListener('blur', release);
  canvas.addEventListener('keydown', (event) => key(event, true));
  canvas.addEventListener('keyup', (event) => key(event, false));
  const place = (event) => {
    const box = canvas.getBoundingClientRect(), scale = Math.min(box.width / canvas.width, box.height / canvas.height);
    const x = (event.clientX - box.left - (box.width - canvas.width * scale) / 2) / scale, y = (event.clientY - box.top - (box.height - canvas.height * scale) / 2) / scale;
    const inside = (v, most) => Math.max(0, Math.min(most - 1, Math.floor(v)));
    send(`move ${inside(x, canvas.width)} ${inside(y, canvas.height)} ${canvas.width} ${canvas.height}`);
  };
  let moved = null;
  canvas.addEventListener('pointermove', (event) => {
    if (!hands) return;
    if (!moved) requestAnimationFrame(() => { if (moved) place(moved); moved = null; });
    moved = event;
  });
  const buttons = [0x110, 0x112, 0x111];
  const press = (event, isDown) => {
    if (!hands || buttons[event.button] === undefined) return;
    event.preventDefault();
    canvas.focus();
    if (isDown) canvas.setPointerCapture(event.pointerId);
    place(event);
    push(buttons[event.button], isDown);
  };
  canvas.addEventListener('pointerdown', (event) => press(event, true));
  canvas.addEventListener('pointerup', (event) => press(event, false));
  canvas.addEventListener('pointercancel', release);
  canvas.addEventListener('contextmenu', (event) => { if (hands) event.preventDefault(); });
  canvas.addEventListener('wheel', (event) => { if (hands) { event.preventDefault(); send('wheel ' + (event.deltaY < 0 ? 1 : -1)); } }, {passive: false});

  connect();
})();
