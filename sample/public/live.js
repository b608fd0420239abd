// Follows the water level. The server ends the stream when the session ends.
const level = document.getElementById('level');
const gauge = document.getElementById('gauge');
const state = document.getElementById('live-state');
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

function follow() {
  const source = new EventSource('/live');

  source.addEventListener('open', () => {
    state.textContent = 'Live';
    state.dataset.state = 'live';
  });

  source.addEventListener('message', ({ data }) => {
    const reading = JSON.parse(data).level;
    level.textContent = reading.toFixed(2);
    gauge.value = reading;
  });

  // The browser connects again by itself, unless the server refuses it.
  source.addEventListener('error', () => {
    const over = source.readyState === EventSource.CLOSED;
    state.textContent = over ? `Ended at ${time.format(new Date())}` : `Interrupted at ${time.format(new Date())}`;
    state.dataset.state = 'ended';
    if (over) addEventListener('session-timeout:restored', follow, { once: true });
  });
}

follow();
