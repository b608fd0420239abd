import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Request } from 'express';
import { PassiveRoute, type Reason, SessionTimeoutService } from '../../../src/index.js';

/** What a socket of either adapter has. */
interface Socket {
  readonly request: Request;
}

/** A gateway without guards, as most are. */
@WebSocketGateway({ path: '/live' })
export class LiveGateway {
  readonly heard: string[] = [];
  /** Why the jobs have ended. */
  readonly endedJobs: Reason[] = [];
  constructor(private readonly sessions: SessionTimeoutService) {}

  /** What pages send by themselves. */
  @SubscribeMessage('beat')
  beat() {
    this.heard.push('beat');
    return { event: 'beaten', data: null };
  }

  /** What a person has written. */
  @SubscribeMessage('say')
  @PassiveRoute(false)
  say(@MessageBody() text: string) {
    this.heard.push(text);
    return { event: 'said', data: text };
  }

  @SubscribeMessage('status')
  async status(@ConnectedSocket() { request }: Socket) {
    return { event: 'has status', data: await this.sessions.status(request) };
  }

  @SubscribeMessage('touch')
  async touch(@ConnectedSocket() { request }: Socket) {
    await this.sessions.touch(request);
    return { event: 'touched', data: null };
  }

  @SubscribeMessage('sign out')
  async signOut(@ConnectedSocket() { request }: Socket) {
    await this.sessions.end(request);
  }

  /** Begins a job that ends with the session. With `true`, it is done at once. */
  @SubscribeMessage('job')
  job(@ConnectedSocket() { request }: Socket, @MessageBody() isDone: boolean) {
    const stop = this.sessions.onEnd(request, (reason) => this.endedJobs.push(reason));
    if (isDone) stop();
    return { event: 'has begun', data: null };
  }
}

/** A gateway whose messages are all activity, but one. */
@WebSocketGateway({ path: '/chat' })
@PassiveRoute(false)
export class ChatGateway {
  @SubscribeMessage('say')
  say(@MessageBody() text: string) {
    return { event: 'said', data: text };
  }

  @SubscribeMessage('typing')
  @PassiveRoute()
  typing() {
    return { event: 'typed', data: null };
  }
}
