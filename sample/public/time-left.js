// Keeps the strip with the time left up to date. Every answer of the server contains this time in `Server-Timing`, no
// matter which script made the request. After a while without an answer, the strip sends a ping itself. The ping has no
// `idleFor`, so it does not keep the session alive.
const LONGEST_SILENCE = 15_000;

const strip = document.getElementById('time-left');
const left = strip.querySelector('[data-left]');
const latest = strip.querySelector('[data-latest]');
const bar = strip.querySelector('progress');
const warnBefore = Number(strip.dataset.warnBefore);

const [page] = performance.getEntriesByType('navigation');
let lastMoment = page.requestStart + Number(strip.dataset.absoluteLeft);
let end = page.requestStart + Number(strip.dataset.expiresIn);
let heardAt = page.requestStart;
let askedAt = heardAt;

new PerformanceObserver((answers) => {
  for (const { serverTiming, requestStart, transferSize } of answers.getEntries()) {
    const told = serverTiming.find(({ name }) => name === 'session');
    if (!told || transferSize === 0 || requestStart < heardAt) continue;
    // Counted from the request, not from the answer, so that the strip never shows too much time.
    end = requestStart + told.duration;
    heardAt = requestStart;
  }
}).observe({ type: 'resource', buffered: true });

function show() {
  const now = performance.now();
  if (now - Math.max(heardAt, askedAt) > LONGEST_SILENCE) {
    askedAt = now;
    fetch('/session/ping').catch(() => undefined);
  }
  left.textContent = clockFace(end - now);
  if (latest) latest.textContent = clockFace(lastMoment - now);
  bar.value = Math.max(0, end - now);
  strip.classList.toggle('soon', end - now < warnBefore);
}

function clockFace(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

// The new session has a limit of its own.
addEventListener('session-timeout:restored', async () => {
  const { absoluteLeft } = await (await fetch('/session/ping')).json();
  lastMoment = performance.now() + absoluteLeft * 1000;
});

show();
setInterval(show, 250);
