import type { Request, RequestHandler, Response } from 'express';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';

/** The request of a WebSocket handshake, as Node gives it: Express has not seen it, and it has no response. */
export function handshakeRequest(cookie?: string): Request {
  const req = new IncomingMessage(new Socket());
  Object.assign(req, { method: 'GET', url: '/live', headers: { host: 'localhost', upgrade: 'websocket', cookie } });
  return req as Request;
}

/** What hosts do in a handshake: they run their middleware over the request, with an empty object as the response. */
export async function throughMiddleware(req: Request, ...middlewares: readonly RequestHandler[]): Promise<void> {
  for (const middleware of middlewares) {
    await new Promise<void>((resolve, reject) => {
      void middleware(req, {} as Response, (error: unknown) => (error ? reject(error) : resolve()));
    });
  }
}
