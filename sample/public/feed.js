// Fetches the quay log every five seconds. The route is passive, so the requests do not keep the session alive.
const EVERY = 5000;

const list = document.getElementById('feed');
const state = document.getElementById('feed-state');
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });

async function refresh() {
  const response = await fetch('/feed').catch(() => undefined);
  if (response?.status === 401) {
    const { loginUrl = '/login' } = await response.json();
    state.replaceChildren('Ended. ', link(loginUrl, 'Sign in again'));
    addEventListener('session-timeout:restored', refresh, { once: true });
    return;
  }
  if (response?.ok) list.replaceChildren(...(await response.json()).map(entry));
  state.textContent = response?.ok ? `As of ${time.format(new Date())}` : 'Not reachable right now';
  setTimeout(refresh, EVERY);
}

function link(href, text) {
  const anchor = document.createElement('a');
  anchor.href = href;
  anchor.textContent = text;
  return anchor;
}

function entry({ at, text }) {
  const item = document.createElement('li');
  const when = document.createElement('time');
  when.dateTime = at;
  when.textContent = time.format(new Date(at));
  const what = document.createElement('p');
  what.textContent = text;
  item.append(when, what);
  return item;
}

void refresh();
