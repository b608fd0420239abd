// The chat of the harbour office. The server closes the socket when the session ends, and says why.
const list = document.getElementById('chat');
const form = document.getElementById('chat-form');
const state = document.getElementById('chat-state');
const texts = { 'signed-out': 'You have signed out', idle: 'Ended, as nobody was here' };

let socket;

function connect() {
  socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/chat`);

  socket.addEventListener('open', () => {
    state.textContent = 'Open';
    state.dataset.state = 'live';
  });

  socket.addEventListener('message', ({ data }) => {
    const { by, text } = JSON.parse(data).data;
    const item = document.createElement('li');
    const who = document.createElement('strong');
    const what = document.createElement('p');
    who.textContent = by;
    what.textContent = text;
    item.append(who, what);
    list.prepend(item);
  });

  socket.addEventListener('close', ({ code, reason }) => {
    state.dataset.state = 'ended';
    state.textContent = texts[reason] ?? 'Closed';
    // Under a new session id, the same user may go on, and so may they after they have signed in again on this page.
    if (code !== 1008 || reason === 'replaced') setTimeout(connect, 2000);
    else addEventListener('session-timeout:restored', connect, { once: true });
  });
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.send(JSON.stringify({ event: 'say', data: form.elements.said.value }));
  form.reset();
});

connect();
