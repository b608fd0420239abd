import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SessionOptions } from 'express-session';
import { gzipSync } from 'node:zlib';
import { httpSessionOf } from '../../src/express-session/session-of-request.js';
import { type Phases, ResponsePhases } from '../../src/express-session/response-phases.js';
import { setCookies } from '../support/cookies.js';
import { Gate } from '../support/gate.js';
import { sent } from '../support/sent.js';
import { serve } from './support/server.js';

interface Given extends Partial<Phases<Request>> {
  readonly session?: Partial<SessionOptions>;
  /** What comes between the phases and the handler, as `app.use()` of the application does. */
  readonly between?: RequestHandler;
  readonly goesFirst?: boolean;
}

/** Serves `handler` behind the phases, and notes in `ran` which of them run. */
function start(handler: (req: Request, res: Response) => unknown, given: Given = {}) {
  const ran: string[] = [];
  const phases: Phases<Request> = {
    settle(req) {
      ran.push('settle');
      return given.settle?.(req);
    },
    settleEarly(req) {
      ran.push('settleEarly');
      given.settleEarly?.(req);
    },
    commit(req) {
      ran.push('commit');
      given.commit?.(req);
    },
    complete(req) {
      ran.push('complete');
      given.complete?.(req);
    },
    release(req) {
      ran.push('release');
      given.release?.(req);
    },
    failed(error, req) {
      ran.push('failed');
      given.failed?.(error, req);
    },
  };
  const install = (req: Request, res: Response, next: NextFunction) => {
    res.locals['phases'] = new ResponsePhases(res, phases, req);
    next();
  };
  const goFirst = (_req: Request, res: Response, next: NextFunction) => {
    if (given.goesFirst) (res.locals['phases'] as ResponsePhases<Request>).goFirst();
    next();
  };
  const pass: RequestHandler = (_req, _res, next) => next();
  const answer = (req: Request, res: Response) => void handler(req, res);
  return { ...serve([install, given.between ?? pass, goFirst, answer], given.session), ran };
}

/** The phases of an answer that is sent at once. The head goes out while express-session ends it. */
const WHOLE = ['settle', 'commit', 'complete', 'release'];

/** Those of an answer whose head goes out before its end. */
const STREAMED = ['settleEarly', 'commit', 'complete', 'release', 'commit', 'release'];

const BODY = 'A long text. '.repeat(20_000);

/** Sends headers in its own `end`, as the compressions of Express do. */
const compression: RequestHandler = (_req, res, next) => {
  const { end } = res;
  res.end = ((chunk: string | Buffer) => {
    const body = gzipSync(chunk);
    res.set({ 'Content-Encoding': 'gzip', 'Content-Length': String(body.length) }).writeHead(res.statusCode);
    return Reflect.apply(end, res, [body]);
  }) as Response['end'];
  next();
};

describe('the phases of an answer', () => {
  test('run in order', async () => {
    const { request, ran } = start((_req, res) => res.json({ done: true }));
    await request.get('/').expect(200, { done: true });
    expect(ran).toEqual(WHOLE);
  });

  test('run for each answer', async () => {
    const { browser, ran } = start((_req, res) => res.end());
    await browser.get('/').expect(200);
    await browser.get('/').expect(200);
    expect(ran).toEqual([...WHOLE, ...WHOLE]);
  });

  test('get the subject of the answer', async () => {
    const seen: string[] = [];
    const note = (req: Request) => void seen.push(req.path);
    const phases = { settle: note, commit: note, complete: note, release: note };
    const { request, ran } = start((_req, res) => res.end(), phases);
    await request.get('/page').expect(200);
    expect(seen).toEqual(ran.map(() => '/page'));
  });

  test.each([
    ['write()', (_req: Request, res: Response) => res.write('first ')],
    ['writeHead()', (_req: Request, res: Response) => res.writeHead(200, { 'x-own': 'yes' })],
    ['flushHeaders()', (_req: Request, res: Response) => res.flushHeaders()],
  ])('leave out the first one if %s has sent headers', async (_how, begin) => {
    const { request, ran } = start((req, res) => {
      begin(req, res);
      res.end('second');
    });
    const { text } = await request.get('/').buffer().expect(200);
    expect(text).toMatch(/second$/);
    expect(ran).toEqual(STREAMED);
  });

  test('let the last one set headers', async () => {
    const { request } = start((_req, res) => res.end(), {
      complete: (req) => void req.res?.setHeader('x-session', 'told'),
    });
    await request.get('/').expect(200).expect('x-session', 'told');
  });
});

describe('settle', () => {
  test('holds the answer back while it is under way, and the answer arrives whole', async () => {
    const gate = new Gate();
    const { request, ran } = start((_req, res) => res.status(201).set('x-own', 'kept').type('text').send(BODY), {
      settle: () => gate.pass(),
    });
    let hasCome = false;
    const answer = sent(request.get('/')).finally(() => (hasCome = true));
    await gate.hasArrived();
    await new Promise((resolve) => setImmediate(resolve));
    expect({ hasCome, ran }).toEqual({ hasCome: false, ran: ['settle'] });

    gate.open();
    const { status, headers, text } = await answer;
    expect({ status, own: headers['x-own'] }).toEqual({ status: 201, own: 'kept' });
    expect(text === BODY).toBe(true);
    expect(ran).toEqual(WHOLE);
  });

  test('that is over when end() throws leads to another answer, and the process lives', async () => {
    const { ran, request } = start(
      (req, res) => {
        Object.assign(req.session, { big: 1n });
        res.send('hello');
      },
      { settle: () => Promise.resolve(), failed: (_error, req) => void req.socket.destroy() },
    );
    await expect(sent(request.get('/'))).rejects.toThrow();
    expect(ran.at(-1)).toBe('failed');
  });

  test('is not disturbed by another end()', async () => {
    const gate = new Gate();
    const returned: unknown[] = [];
    const { request, ran } = start(
      (_req, res) => {
        returned.push(res.end('first') === res, res.end('second') === res);
      },
      { settle: () => gate.pass() },
    );
    const answer = sent(request.get('/').buffer());
    await gate.hasArrived();
    gate.open();
    expect((await answer).text).toBe('first');
    expect(returned).toEqual([true, true]);
    expect(ran).toEqual(WHOLE);
  });

  test.each<[string, () => Promise<void>]>([
    [
      'throws',
      () => {
        throw new Error('out of order');
      },
    ],
    ['rejects', () => Promise.reject(new Error('out of order'))],
  ])('that %s puts another answer in place of the first', async (_how, settle) => {
    const { request, ran } = start(
      (_req, res) =>
        res
          .status(201)
          .set({ ETag: '"first"', 'Last-Modified': 'Mon, 05 Jan 2026 09:00:00 GMT', Location: '/first' })
          .set({ 'Content-Encoding': 'identity', 'x-request-id': '7', 'Cache-Control': 'public, max-age=60' })
          .attachment('report.csv')
          .type('text/csv')
          .send(BODY),
      { settle, failed: (error, req) => void req.res?.status(503).json({ error: (error as Error).message }) },
    );
    const { body, headers } = await request.get('/').expect(503);
    expect(body).toEqual({ error: 'out of order' });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-request-id': '7' });
    expect(headers['content-length']).toBe(String(JSON.stringify(body).length));
    expect(headers['etag']).not.toBe('"first"');
    const gone = ['last-modified', 'location', 'content-encoding', 'content-disposition', 'cache-control'];
    for (const name of gone) expect(headers).not.toHaveProperty(name);
    expect(ran).toEqual(['settle', 'failed', ...WHOLE.slice(1)]);
  });

  test('that fails is not followed by its early form when the other answer is streamed', async () => {
    const { request, ran } = start((_req, res) => res.send(BODY), {
      settle: () => Promise.reject(new Error('out of order')),
      failed: (_error, req) => {
        req.res?.status(503).type('text').write('out of ');
        req.res?.end('order');
      },
    });
    const { text } = await request.get('/').expect(503);
    expect(text).toBe('out of order');
    expect(ran).toEqual(['settle', 'failed', ...STREAMED.slice(1)]);
  });

  test.each([
    [false, STREAMED],
    [true, ['settle', 'commit', 'complete', 'commit', 'release', 'release']],
  ])('with a compression that sends headers in its own end(), and goFirst() called: %p', async (goesFirst, order) => {
    const headersWereOut: unknown[] = [];
    const { request, ran } = start((_req, res) => res.type('text').send(BODY), {
      between: compression,
      goesFirst,
      settle: async (req) => void headersWereOut.push(req.res?.headersSent),
    });
    const { text, headers } = await request.get('/').expect(200);
    expect(text === BODY).toBe(true);
    expect(headers['content-encoding']).toBe('gzip');
    expect(ran).toEqual(order);
    expect(headersWereOut).toEqual(goesFirst ? [false] : []);
  });

  test('runs once if goFirst() finds that nobody has wrapped end()', async () => {
    const { request, ran } = start((_req, res) => res.end(), { goesFirst: true });
    await request.get('/').expect(200);
    expect(ran).toEqual(WHOLE);
  });
});

describe('commit', () => {
  const answers: [string, (req: Request, res: Response) => unknown][] = [
    ['a whole answer', (_req, res) => res.send('first second')],
    [
      'a streamed answer',
      (_req, res) => {
        res.write('first ');
        res.end('second');
      },
    ],
  ];

  test.each(answers)('of %s comes before express-session stores and sends its cookie', async (_what, handler) => {
    const { request, store } = start(handler, { commit: (req) => void (req.session.user = 'alice') });
    const answer = await request.get('/').buffer().expect(200);
    expect(answer.text).toBe('first second');
    expect(setCookies(answer)).toHaveLength(1);
    expect(Object.values(store.sessions)).toEqual([expect.stringContaining('alice')]);
  });

  test.each(answers)('of %s can take the session off: no row, no cookie', async (_what, handler) => {
    const { request, store } = start(handler, {
      session: { saveUninitialized: true, resave: true, rolling: true },
      commit: (req) => void delete (req as Partial<Request>).session,
    });
    const answer = await request.get('/').buffer().expect(200);
    expect(answer.text).toBe('first second');
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
  });
});

describe('while settle waits', () => {
  /** Ends an answer, and lets somebody else give another one before settle is over. */
  async function interrupted(other: (res: Response) => unknown, fails = false) {
    const gate = new Gate();
    const { request, ran } = start(
      (_req, res) => {
        res.statusMessage = 'Made';
        res.status(201).set({ 'x-first': 'yes', 'Content-Language': 'en' }).json({ first: true });
        other(res);
      },
      {
        settle: async () => {
          await gate.pass();
          if (fails) throw new Error('out of order');
        },
        failed: (error, req) => void req.res?.status(503).json({ error: (error as Error).message }),
      },
    );
    const answer = sent(request.get('/'));
    await gate.hasArrived();
    gate.open();
    return { answer: await answer, ran };
  }

  const others: [string, (res: Response) => unknown][] = [
    ['status()', (res) => res.status(503)],
    ['a status message', (res) => Object.assign(res, { statusMessage: 'Too late' })],
    ['headers of its own', (res) => res.set({ 'x-other': 'yes', 'x-first': 'no' })],
    ['headers that it removes', (res) => ['x-first', 'Content-Language'].forEach((name) => res.removeHeader(name))],
    ['a cookie', (res) => res.cookie('other', 'yes')],
    ['write()', (res) => res.write('other')],
    ['writeHead()', (res) => res.writeHead(503, { 'Content-Length': '5' })],
    ['flushHeaders()', (res) => res.flushHeaders()],
    ['end()', (res) => res.end('other')],
    ['json()', (res) => res.status(503).json({ other: true })],
    ['send() of nothing', (res) => res.status(204).send()],
    ['a redirect', (res) => res.redirect('/other')],
    ['all of it', (res) => res.writeHead(503, { 'Content-Length': '5' }).end('other')],
  ];

  test.each(others)('another answer by %s does not mix with the first', async (_how, other) => {
    const { answer, ran } = await interrupted(other);
    const { status, headers, body } = answer;
    expect({ status, body }).toEqual({ status: 201, body: { first: true } });
    expect((answer as unknown as { res: { statusMessage: string } }).res.statusMessage).toBe('Made');
    expect(headers).toMatchObject({ 'x-first': 'yes', 'content-language': 'en', 'content-length': '14' });
    for (const name of ['x-other', 'set-cookie', 'location']) expect(headers).not.toHaveProperty(name);
    expect(ran).toEqual(WHOLE);
  });

  test.each(others)('another answer by %s does not mix with that after a failure', async (_how, other) => {
    const { answer } = await interrupted(other, true);
    const { status, headers, body } = answer;
    expect({ status, body }).toEqual({ status: 503, body: { error: 'out of order' } });
    expect((answer as unknown as { res: { statusMessage: string } }).res.statusMessage).toBe('Service Unavailable');
    expect(headers['content-length']).toBe(String(JSON.stringify(body).length));
    for (const name of ['x-other', 'set-cookie', 'location']) expect(headers).not.toHaveProperty(name);
  });

  test('headers keep the case in which they were written', async () => {
    const { request } = start((_req, res) => res.set('X-Request-ID', '1').end(), { settle: () => Promise.resolve() });
    const { res } = (await request.get('/').expect(200)) as unknown as { res: { rawHeaders: string[] } };
    expect(res.rawHeaders).toContain('X-Request-ID');
  });

  test('the methods of the answer are what they were afterwards', async () => {
    const NAMES = ['writeHead', 'write', 'flushHeaders'] as const;
    const seen: unknown[][] = [];
    const look = (res: Response | undefined) => seen.push(NAMES.map((name) => res?.[name]));
    const { request } = start((_req, res) => res.send('fine'), {
      between: (_req, res, next) => {
        look(res);
        next();
      },
      settle: () => Promise.resolve(),
      complete: (req) => void look(req.res),
    });
    await request.get('/').expect(200, 'fine');
    expect(seen[1]).toEqual(seen[0]);
  });
});

describe('a session that is hidden in commit and shown in release', () => {
  const hiding = {
    commit: (req: Request) => httpSessionOf(req).hide(),
    release: (req: Request) => httpSessionOf(req).show(),
  };

  const answers: [string, (req: Request, res: Response) => unknown][] = [
    ['a whole answer', (_req, res) => res.send('fine')],
    ['an empty answer', (_req, res) => res.end()],
    ['an answer that waits', (_req, res) => setImmediate(() => res.send('fine'))],
    [
      'a streamed answer',
      (req, res) => {
        res.write('first');
        res.write(String(req.session.id === req.sessionID));
        res.end('last');
      },
    ],
    [
      'a streamed answer that takes its time',
      (_req, res) => {
        res.flushHeaders();
        setImmediate(() => res.end('last'));
      },
    ],
  ];

  test.each(answers)('is not stored with %s, and there on finish', async (_what, handler) => {
    let onFinish: unknown;
    const watch: RequestHandler = (req, res, next) => {
      req.session.user = 'alice';
      const { id } = req.session;
      res.on('finish', () => (onFinish = [req.session.user, req.sessionID === id]));
      next();
    };
    const { request, store } = start(handler, {
      ...hiding,
      between: watch,
      session: { saveUninitialized: true, resave: true, rolling: true },
    });
    const answer = await request.get('/').expect(200);
    expect(setCookies(answer)).toEqual([]);
    expect(store.sessions).toEqual({});
    expect(onFinish).toEqual(['alice', true]);
  });
});
