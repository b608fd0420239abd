import { connectIo, connectWs, type Client } from '../../sockets/support/clients.js';
import type { Browser } from './example.js';

/**
 * Signs in and sees the page. Resolves to what is checked once the session has been idle for too long.
 * Rejects if the session is refused before.
 */
export type Visit = (browser: () => Browser, url: string) => Promise<() => Promise<unknown>>;

// Each example reads one of the two names.
const ADA = { name: 'ada', username: 'ada', password: 'secret' };
/** What says that a request comes from a script of the page, for clients that send no Sec-Fetch-Site. */
const FROM_PAGE = { 'x-session-client': '1' };

async function signedIn(browser: Browser): Promise<Browser> {
  await browser
    .post('/login')
    .type('form')
    .send({ ...ADA, password: 'wrong' })
    .expect(401);
  await browser.post('/login').type('form').send(ADA).expect(303).expect('Location', '/');
  const page = await browser.get('/').expect(200);
  expect(page.text).toContain('Hello ada');
  expect(page.text).toContain('src="/session/client.js"');
  return browser;
}

/** A page load leads to the login page, which says why. */
async function isSentToLogin(browser: Browser, reason = 'idle'): Promise<void> {
  const { headers } = await browser.get('/').expect(303);
  expect(headers['location']).toMatch(new RegExp(`^/login\\?reason=${reason}`));
  const { text } = await browser.get(headers['location'] as string).expect(200);
  expect(text.includes('role="alert"')).toBe(reason === 'idle');
}

const pages: Visit = async (browser) => {
  const ada = await signedIn(browser());
  return () => isSentToLogin(ada);
};

const instances: Visit = async (browser) => {
  const ada = await signedIn(browser());
  const seen = new Set<string>();
  for (let turn = 0; turn < 4; turn += 1) {
    const { text } = await ada.get('/').expect(200);
    seen.add(String(/the instance (\d+)/.exec(text)?.[1]));
  }
  expect(seen.size).toBe(2);
  return () => isSentToLogin(ada);
};

const fragments: Visit = async (browser) => {
  const ada = await signedIn(browser());
  await ada.get('/visits').set('HX-Request', 'true').expect(200, /^\d+$/);
  await ada.get('/htmx/htmx.min.js').expect(200);
  return async () => {
    const { body } = await ada.get('/time').set('HX-Request', 'true').expect(401);
    expect(body).toMatchObject({ reason: 'idle', loginUrl: expect.stringContaining('/login') });
  };
};

const devices: Visit = async (browser) => {
  const first = await signedIn(browser());
  for (const agent of ['Firefox/140', 'Chrome/140', 'Safari/18']) await signedIn(browser().set('User-Agent', agent));
  await isSentToLogin(first, 'displaced');
  const ada = await signedIn(browser().set('User-Agent', 'Edg/140'));
  const { body } = await ada.get('/session/list').set(FROM_PAGE).expect(200);
  const browsers = body.sessions.map(({ device }: { device: { browser: string } }) => device.browser);
  expect(browsers).toEqual(['Chrome', 'Safari', 'Edge']);
  await ada.delete('/session/list').set(FROM_PAGE).expect(200, { ended: 2 });
  await ada.get('/devices.js').expect(200);
  return () => isSentToLogin(ada);
};

const halfFilled: Visit = async (browser) => {
  const ada = await signedIn(browser());
  const { body } = await ada.get('/session/draft-key').set(FROM_PAGE).expect(200);
  expect(body.key).toMatch(/^[\w-]{43}$/);
  await ada.post('/reports').type('form').send({ title: 'Engine', text: 'It weaves.' }).expect(303);
  await ada.get('/').expect(200, /Reports sent so far: \d/);
  return async () => {
    await isSentToLogin(ada);
    await ada.get('/session/draft-key').set(FROM_PAGE).expect(401);
  };
};

const graphql: Visit = async (browser) => {
  const ada = browser();
  const ask = (query: string) => ada.post('/graphql').send({ query });
  await ada.get('/').expect(200, /data-query/);
  expect((await ask('mutation { signIn(name: "ada", password: "secret") }')).body).toEqual({ data: { signIn: 'ada' } });
  expect((await ask('{ me }')).body).toEqual({ data: { me: 'ada' } });
  return async () => {
    const { body } = await ask('{ me }');
    expect(body.errors[0].extensions).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
  };
};

/** Its page is built first, and tried in a browser. */
const singlePage: Visit = async (browser) => {
  const ada = browser();
  await ada.post('/api/login').send(ADA).expect(201);
  await ada.get('/api/me').expect(200, { user: 'ada' });
  return async () => {
    const { body } = await ada.get('/api/me').expect(401);
    expect(body).toMatchObject({ code: 'SESSION_EXPIRED', reason: 'idle' });
  };
};

const chat =
  (connect: typeof connectWs, path: string): Visit =>
  async (browser, url) => {
    const ada = browser();
    await signedIn(ada);
    const { value } = ada.jar.getCookie('connect.sid', { ...COOKIE_ACCESS }) ?? {};
    const socket = (await connect({ port: Number(new URL(url).port), path, cookie: `connect.sid=${value}` })) as Client;
    expect(await socket.ask('say', 'hello')).toBe('ada: hello');
    return async () => {
      expect(await socket.closed).toEqual({ code: 1008, reason: 'idle' });
      await isSentToLogin(ada);
    };
  };

const COOKIE_ACCESS = { domain: '127.0.0.1', path: '/', secure: false, script: false };

/** How each example is visited, by its folder. */
export const visits: Readonly<Record<string, Visit>> = {
  'connect-pg-simple': pages,
  'connect-redis': instances,
  devices,
  graphql,
  'half-filled-forms': halfFilled,
  hbs: pages,
  htmx: fragments,
  passport: pages,
  'react-vite': singlePage,
  'socket.io': chat(connectIo(['websocket']), '/socket.io'),
  start: pages,
  ws: chat(connectWs, '/chat'),
};
