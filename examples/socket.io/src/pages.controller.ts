import { Controller, Get, Req } from '@nestjs/common';
import type { Request } from 'express';

@Controller()
export class PagesController {
  @Get()
  home(@Req() req: Request) {
    const { userId } = req.session;
    const chat = `
      <form id="chat"><label>Message: <input name="text" required></label> <button>Say</button></form>
      <ul aria-live="polite"></ul>
      <form method="post" action="/logout"><button>Sign out</button></form>
      <script src="/socket.io/socket.io.js"></script>
      <script>
        const show = (text) => (document.querySelector('ul').appendChild(document.createElement('li')).textContent = text);
        const socket = io();
        socket.on('said', show);
        socket.on('session-expired', (reason) => show('The session has ended: ' + reason));
        document.querySelector('#chat').onsubmit = (event) => {
          event.preventDefault();
          socket.emit('say', event.target.text.value);
          event.target.reset();
        };
      </script>`;
    return `<!doctype html>
      <html lang="en">
        <title>WebSockets with socket.io</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? chat : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }
}
