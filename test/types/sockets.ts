// The adapters for WebSockets.
import type { INestApplication } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import type { RequestHandler } from 'express';
import { withSession } from 'nestjs-session-timeout/sockets';
import { some } from './support.js';

const app = some<INestApplication>();
const session = some<RequestHandler>();

// The adapter stays what it is, and its own options go beside ours.
const SessionWsAdapter = withSession(WsAdapter);
new SessionWsAdapter(app, { session }) satisfies WsAdapter;
void new SessionWsAdapter(app, { session, checkInterval: '10s', origins: ['https://app.example.com'] });
new (withSession(IoAdapter))(app, { session, cors: true }) satisfies IoAdapter;
app.useWebSocketAdapter(new SessionWsAdapter(app, { session }));

// @ts-expect-error: without the session of express, there is nothing to watch
void new SessionWsAdapter(app, {});
// @ts-expect-error: the options of express-session are not its middleware
void new SessionWsAdapter(app, { session: { secret: 'test' } });
// @ts-expect-error: origins are a list
void new SessionWsAdapter(app, { session, origins: 'https://app.example.com' });
// @ts-expect-error: it needs a class
withSession(new WsAdapter(app));
// @ts-expect-error: it needs an adapter
withSession(Map);
