// Keeps the strip with the time left up to date. It only asks, without `idleFor`, and so keeps no session alive.
const ASK_EVERY = 10_000;

const strip = document.getElementById('time-left');
const left = strip.querySelector('[data-left]');
const latest = strip.querySelector('[data-latest]');
const bar = strip.querySelector('progress');

let known;

async function ask() {
  const asked = performance.now();
  const response = await fetch('/session/ping', { headers: { Accept: 'application/json' } }).catch(() => undefined);
  if (response?.ok) known = { ...(await response.json()), asked };
}

function show() {
  if (!known) return;
  const since = (performance.now() - known.asked) / 1000;
  const signedIn = known.expiresIn !== undefined;
  strip.classList.toggle('soon', known.expiresIn - since < known.warnBefore);
  left.textContent = signedIn ? clockFace(known.expiresIn - since) : 'signed out';
  if (latest) latest.textContent = signedIn ? clockFace(known.absoluteLeft - since) : '–';
  bar.max = known.idleTimeout ?? known.absoluteTimeout ?? 1;
  bar.value = signedIn ? Math.max(0, known.expiresIn - since) : 0;
}

function clockFace(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

void ask();
setInterval(ask, ASK_EVERY);
setInterval(show, 250);
