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
      <script>
        const show = (text) => (document.querySelector('ul').appendChild(document.createElement('li')).textContent = text);
        const socket = new WebSocket(location.origin.replace('http', 'ws') + '/chat');
        socket.onmessage = ({ data }) => show(JSON.parse(data).data);
        socket.onclose = ({ code, reason }) => show('Closed: ' + code + ' ' + reason);
        document.querySelector('#chat').onsubmit = (event) => {
          event.preventDefault();
          socket.send(JSON.stringify({ event: 'say', data: event.target.text.value }));
          event.target.reset();
        };
      </script>`;
    return `<!doctype html>
      <html lang="en">
        <title>WebSockets with ws</title>
        <h1>Hello ${userId ?? 'stranger'}</h1>
        ${userId ? chat : '<a href="/login">Sign in</a>'}
        <script type="module" src="/session/client.js"></script>
      </html>`;
  }
}
