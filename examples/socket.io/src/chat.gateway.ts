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
import type { Server, Socket } from 'socket.io';

type Client = Socket & { request: Request };

@WebSocketGateway()
export class ChatGateway implements OnGatewayConnection {
  @WebSocketServer()
  private readonly server!: Server;

  /** Ended sessions are refused before this. What visitors may do is for the application to say. */
  handleConnection(client: Client) {
    if (!client.request.session.userId) client.disconnect();
  }

  @SubscribeMessage('say')
  @PassiveRoute(false) // somebody has written this, so it is activity
  say(@ConnectedSocket() { request }: Client, @MessageBody() text: unknown) {
    this.server.emit('said', `${request.session.userId}: ${String(text)}`);
  }
}
