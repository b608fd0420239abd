import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Request } from 'express';
import { PassiveRoute } from 'nestjs-session-timeout';
import type { WebSocket } from 'ws';

type Client = WebSocket & { request: Request };

@WebSocketGateway({ path: '/chat' })
export class ChatGateway implements OnGatewayConnection {
  private readonly clients = new Set<Client>();

  /** Ended sessions are refused before this. What visitors may do is for the application to say. */
  handleConnection(client: Client) {
    if (!client.request.session.userId) return client.close(1008, 'sign in first');
    this.clients.add(client);
    client.once('close', () => this.clients.delete(client));
  }

  @SubscribeMessage('say')
  @PassiveRoute(false) // somebody has written this, so it is activity
  say(@ConnectedSocket() { request }: Client, @MessageBody() text: unknown) {
    const data = `${request.session.userId}: ${String(text)}`;
    for (const client of this.clients) client.send(JSON.stringify({ event: 'said', data }));
  }
}
