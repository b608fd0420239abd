import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketGateway } from '@nestjs/websockets';
import session from 'express-session';
import { withSession } from '../../../src/sockets/index.js';
import { type AppOptions, startApp, stopApps } from '../../support/app.js';
import { collector } from '../../support/logs.js';

afterEach(stopApps);

@WebSocketGateway({ path: '/chat' })
class ChatGateway {}

@WebSocketGateway({ path: '/news' })
class NewsGateway {}

const sessions = session({ secret: 'test', resave: false, saveUninitialized: false });
const END = 'opens sockets that do not end with their session. Use withSession() of nestjs-session-timeout/sockets.';

test.each<[string, Pick<AppOptions, 'providers' | 'setup'>, string[]]>([
  [
    'each gateway whose sockets outlive their session',
    { providers: [ChatGateway, NewsGateway], setup: (app) => app.useWebSocketAdapter(new WsAdapter(app)) },
    [`ChatGateway ${END}`, `NewsGateway ${END}`],
  ],
  [
    'no gateway whose adapter ends its sockets',
    {
      providers: [ChatGateway],
      setup: (app) => app.useWebSocketAdapter(new (withSession(WsAdapter))(app, { session: sessions })),
    },
    [],
  ],
  ['nothing where there are no gateways', {}, []],
])('the log at startup names %s', async (_case, given, expected) => {
  const logs: string[] = [];
  await startApp({ ...given, logger: collector(logs) });
  expect(logs.filter((line) => line.includes('opens sockets'))).toEqual(expected);
});
