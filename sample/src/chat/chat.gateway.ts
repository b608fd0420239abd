import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WebSocketServer,
} from '@nestjs/websockets';
import type { Request } from 'express';
import { PassiveRoute } from 'nestjs-session-timeout';
import { WebSocket, type Server } from 'ws';
import { findUser, type User } from '../auth/user.js';

/** A socket, with the request that opened it. */
type Client = WebSocket & { readonly request: Request };

const LONGEST = 500;

/** The chat of the harbour office. The adapter closes each socket when its session ends. */
@WebSocketGateway({ path: '/chat' })
export class ChatGateway implements OnGatewayConnection {
  @WebSocketServer()
  private readonly server!: Server;

  /** The adapter lets visitors in; this chat does not. */
  handleConnection(client: Client): void {
    if (!userOf(client)) client.close(1008, 'sign in first');
  }

  /** Somebody has written, so this message is activity. */
  @SubscribeMessage('say')
  @PassiveRoute(false)
  say(@ConnectedSocket() client: Client, @MessageBody() text: unknown): void {
    const user = userOf(client);
    if (!user || typeof text !== 'string' || text.trim() === '') return;
    const message = JSON.stringify({ event: 'said', data: { by: user.name, text: text.trim().slice(0, LONGEST) } });
    for (const other of this.server.clients) if (other.readyState === WebSocket.OPEN) other.send(message);
  }
}

function userOf({ request }: Client): User | undefined {
  return findUser(request.session?.user);
}
