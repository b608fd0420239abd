const list = document.querySelector('#devices');

async function show() {
  const answer = await fetch('/session/list');
  if (!answer.ok) return;
  const { sessions } = await answer.json();
  list.replaceChildren(...sessions.map(item));
}

/** One device, with a button that signs it out. */
function item({ id, current, idleFor, device }) {
  const name = `${device?.browser ?? 'Unknown browser'} on ${device?.system ?? 'an unknown system'}`;
  const text = `${name}, active ${Math.round(idleFor)} seconds ago `;
  const button = document.createElement('button');
  button.textContent = current ? 'Sign out here' : 'Sign out there';
  button.addEventListener('click', () => end(`/session/list/${id}`));
  const element = document.createElement('li');
  element.append(text, button);
  return element;
}

async function end(path) {
  await fetch(path, { method: 'DELETE' });
  await show();
}

document.querySelector('#end-others').addEventListener('click', () => end('/session/list'));
await show();
