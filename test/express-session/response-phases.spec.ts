import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { SessionOptions } from 'express-session';
import { gzipSync } from 'node:zlib';
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
    commit(req) {
      ran.push('commit');
      given.commit?.(req);
    },
    complete(req) {
      ran.push('complete');
      given.complete?.(req);
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
  test('run in order, once each', async () => {
    const { request, ran } = start((_req, res) => res.json({ done: true }));
    await request.get('/').expect(200, { done: true });
    expect(ran).toEqual(['settle', 'commit', 'complete']);
  });

  test('run once for each answer', async () => {
    const { browser, ran } = start((_req, res) => res.end());
    await browser.get('/').expect(200);
    await browser.get('/').expect(200);
    expect(ran).toEqual(['settle', 'commit', 'complete', 'settle', 'commit', 'complete']);
  });

  test('get the subject of the answer', async () => {
    const seen: string[] = [];
    const note = (req: Request) => void seen.push(req.path);
    const { request } = start((_req, res) => res.end(), { settle: note, commit: note, complete: note });
    await request.get('/page').expect(200);
    expect(seen).toEqual(['/page', '/page', '/page']);
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
    expect(ran).toEqual(['commit', 'complete']);
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
    expect(ran).toEqual(['settle', 'commit', 'complete']);
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
    expect(ran).toEqual(['settle', 'commit', 'complete']);
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
          .set({ 'Content-Encoding': 'identity', 'x-request-id': '7' })
          .type('text/csv')
          .send(BODY),
      { settle, failed: (error, req) => void req.res?.status(503).json({ error: (error as Error).message }) },
    );
    const { body, headers } = await request.get('/').expect(503);
    expect(body).toEqual({ error: 'out of order' });
    expect(headers).toMatchObject({ 'content-type': 'application/json; charset=utf-8', 'x-request-id': '7' });
    expect(headers['content-length']).toBe(String(JSON.stringify(body).length));
    expect(headers['etag']).not.toBe('"first"');
    for (const name of ['last-modified', 'location', 'content-encoding']) expect(headers).not.toHaveProperty(name);
    expect(ran).toEqual(['settle', 'failed', 'commit', 'complete']);
  });

  test.each([
    [false, ['commit', 'complete']],
    [true, ['settle', 'commit', 'complete']],
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
    expect(ran).toEqual(['settle', 'commit', 'complete']);
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
