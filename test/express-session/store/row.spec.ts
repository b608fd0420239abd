import { MemoryStore, type SessionData } from 'express-session';
import { brotliDecompressSync } from 'node:zlib';
import { examineRow, isGone, isRowAtFault, isSound, mended, nameOf } from '../../../src/express-session/store/row.js';
import { StoreTimeoutError } from '../../../src/express-session/store/session-store.js';
import { taken } from '../support/taken-server.js';

type Get = MemoryStore['get'];

/** A store in which one row is broken, or which fails as it is told to. */
class BrokenStore extends MemoryStore {
  asked: string[] = [];

  constructor(private readonly failing: (id: string, reads: number) => unknown) {
    super();
  }

  override get(...[id, callback]: Parameters<Get>) {
    this.asked.push(id === 'id' ? 'this' : 'another');
    const error = this.failing(id, this.asked.length);
    setImmediate(callback, error, null);
  }
}

/** A row is compared three times with others. */
const COMPARED = ['another', ...Array.from({ length: 3 }, () => ['this', 'another']).flat()];

const broken = new SyntaxError('Unexpected end of JSON input');
const down = new Error('down');

/** The error with which `work` fails. */
function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('It should have failed.');
}

describe('isRowAtFault()', () => {
  const check = (failing: (id: string, reads: number) => unknown, error: unknown = broken) => {
    const store = new BrokenStore(failing);
    return isRowAtFault(taken(store), 'id', error).then((isAtFault) => ({ isAtFault, asked: store.asked }));
  };

  test('says so if the store works for others, before and after, and fails for this row', async () => {
    const answer = await check((id) => (id === 'id' ? broken : undefined));
    expect(answer).toEqual({ isAtFault: true, asked: COMPARED });
  });

  test.each([
    ['data that cannot be decompressed', Object.assign(new Error('header'), { code: 'Z_DATA_ERROR' })],
    ['data that cannot be decrypted', Object.assign(new Error('decrypt'), { code: 'ERR_OSSL_BAD_DECRYPT' })],
    ['data that is not Brotli', failureOf(() => brotliDecompressSync(Buffer.from('hello, not compressed')))],
    ['data that is not zstd', Object.assign(new Error('frame'), { code: 'ZSTD_error_prefix_unknown' })],
    ['a row that is too short', failureOf(() => Buffer.alloc(8).readInt32LE(9))],
    ['a value that Node refuses', Object.assign(new TypeError('data'), { code: 'ERR_INVALID_ARG_TYPE' })],
    ['a cause about data', new Error('cannot read', { cause: Object.assign(new Error('x'), { code: 'Z_BUF_ERROR' }) })],
    ['only a text', 'Encrypted session was tampered with!'],
    ['only a message', { message: 'tampered' }],
  ])('says so for an error about %s', async (_what, error) => {
    const answer = await check((id) => (id === 'id' ? error : undefined), error);
    expect(answer).toEqual({ isAtFault: true, asked: COMPARED });
  });

  test('says so if the store has deleted the row meanwhile, and says with an error that there is none', async () => {
    const none = Object.assign(new Error('no file'), { code: 'ENOENT' });
    expect(await check(() => none)).toEqual({ isAtFault: true, asked: COMPARED });
  });

  test('blames the store if it is down', async () => {
    expect(await check(() => down, down)).toEqual({ isAtFault: false, asked: ['another'] });
  });

  test('blames the store if it works again', async () => {
    expect(await check(() => undefined, down)).toEqual({ isAtFault: false, asked: ['another', 'this'] });
  });

  test('blames the store if it comes and goes', async () => {
    const answer = await check((_id, reads) => (reads === 1 ? undefined : down), down);
    expect(answer).toEqual({ isAtFault: false, asked: ['another', 'this', 'another'] });
  });

  test('blames the store if it fails for others the third time', async () => {
    const answer = await check((id, reads) => (id === 'id' || reads === 7 ? broken : undefined));
    expect(answer).toEqual({ isAtFault: false, asked: COMPARED });
  });

  test('blames the store if it then fails for the row because of a connection', async () => {
    const answer = await check((id, reads) =>
      id !== 'id' ? undefined : reads > 2 ? new Error('Client closed') : broken,
    );
    expect(answer).toEqual({ isAtFault: false, asked: ['another', 'this', 'another', 'this'] });
  });

  test.each([
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Connection terminated unexpectedly',
    'Socket closed unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'Connection is closed.',
    'sorry, too many clients already',
    'The operation timed out',
    'LOADING Redis is loading the dataset in memory',
    'CLUSTERDOWN The cluster is down',
    'TRYAGAIN Multiple keys request during rehashing of slot',
  ])('asks nobody about an error with the message "%s"', async (message) => {
    const error = new Error(message);
    expect(await check((id) => (id === 'id' ? error : undefined), error)).toEqual({ isAtFault: false, asked: [] });
  });

  test.each([
    new SyntaxError('Unexpected token c, "closed" is not valid JSON'),
    new Error('WRONGTYPE Operation against a key holding the wrong kind of value'),
    new Error('Unsupported state or unable to authenticate data'),
    new Error('JSON cannot be parsed'),
    new Error('Failed to parse session data: {"cookie":{},"bot":"connected"'),
    new Error('Cannot decode session sess:1 of connect.sid'),
    new Error('Unexpected closing tag'),
    new Error('Invalid session, too many fields'),
  ])('says so for %p', async (error) => {
    expect(await check((id) => (id === 'id' ? error : undefined), error)).toEqual({ isAtFault: true, asked: COMPARED });
  });

  test('blames the store if it throws for others', async () => {
    const answer = await check((id) => {
      if (id !== 'id') throw down;
      return broken;
    });
    expect(answer.isAtFault).toBe(false);
  });

  test.each([
    ['a code', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['a code that is a number', Object.assign(new Error('server selection'), { code: 89 })],
    ['a cause', new Error('query failed', { cause: down })],
    ['a cause that is null', new Error('query failed', { cause: null })],
    ['a code, and no class of errors', { code: 'ETIMEDOUT' }],
  ])('asks nobody about an error with %s', async (_what, error) => {
    expect(await check((id) => (id === 'id' ? error : undefined), error)).toEqual({ isAtFault: false, asked: [] });
  });
});

describe('examineRow()', () => {
  const examine = (store: MemoryStore) => examineRow(taken(store), 'id');
  const write = (store: MemoryStore, row: string) =>
    Object.assign((store as unknown as { sessions: object }).sessions, { id: row });

  test.each([
    ['nothing', undefined, { row: undefined }],
    ['a sound row', '{"cookie":{}}', { row: { cookie: {} } }],
    ['a malformed row', '{"cookie":5}', { row: { cookie: 5 }, fault: 'malformed row' }],
    ['a broken row', '{"cookie":', { fault: 'SyntaxError' }],
  ])('finds %s', async (_what, row, expected) => {
    const store = new MemoryStore();
    if (row !== undefined) write(store, row);
    expect(await examine(store)).toEqual(expected);
  });

  test('finds that the store is away', async () => {
    expect(await examine(new BrokenStore(() => down))).toEqual({ isAway: true });
  });
});

test('the name of an error tells nothing of what is stored', () => {
  expect([new SyntaxError('"secret" is not JSON'), new Error('secret'), 'secret', undefined].map(nameOf)).toEqual([
    'SyntaxError',
    'Error',
    'string',
    'undefined',
  ]);
});

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['null', null],
  ['a cookie that measures NaN', { cookie: { originalMaxAge: Number.NaN } }],
  ['a cookie that lasts as text', { cookie: { originalMaxAge: '60000' } }],
  ['a cookie that lasts longer than time', { cookie: { maxAge: 8e15 } }],
  ['a cookie that is text', { cookie: 'sid' }],
  ['an expiry that is no date', { cookie: { expires: new Date(Number.NaN) } }],
  ['an expiry that is text, but no date', { cookie: { expires: 'tomorrow' } }],
  ['an expiry that is a small number', { cookie: { expires: 5 } }],
  ['an expiry that is a number beyond all dates', { cookie: { expires: 9e15 } }],
  ['an expiry that is an object', { cookie: { expires: {} } }],
])('a row that is %s is not sound', (_what, row) => {
  expect(isSound(row)).toBe(false);
});

describe('mended()', () => {
  const lasting = { originalMaxAge: 5, expires: new Date(0) };

  test.each([
    { path: '/', sameSite: 'lax' },
    { path: '/', sameSite: 'strict' },
    { path: '/' },
    { path: '/app', domain: 'app.example', sameSite: 'none', priority: 'high' },
    { path: '/', sameSite: true, priority: 'low' },
    {},
  ])('leaves a row with the cookie %j as it is', (attributes) => {
    const row = { cookie: { ...lasting, ...attributes }, user: 'alice' };
    expect(mended(row)).toBe(row);
    expect(row).toEqual({ cookie: { ...lasting, ...attributes }, user: 'alice' });
  });

  test.each([
    { path: '/; Domain=evil.example' },
    { path: '/', domain: 'evil.example; Secure' },
    { path: '/', sameSite: 'sometimes' },
    { path: '/', priority: 'highest' },
    { path: '/', sameSite: 'lax', priority: {} },
  ])('removes all attributes of a cookie with %j, and keeps its lifetime', (attributes) => {
    const row = { cookie: { ...lasting, ...attributes }, user: 'alice' };
    expect(mended(row)).toBe(row);
    expect(row).toEqual({ cookie: { ...lasting, path: '/' }, user: 'alice' });
  });
});

test('the expiry of a row that is a number, as some stores give it, becomes a date', () => {
  const expires = Date.UTC(2026, 0, 5);
  const row = { cookie: { expires, originalMaxAge: 5, path: '/' } };
  expect(isSound(row)).toBe(true);
  expect(mended(row)).toEqual({ cookie: { expires: new Date(expires), originalMaxAge: 5, path: '/' } });
});

test.each([0, Number.NaN])('the expiry %p of a row means that its cookie ends with the browser', (expires) => {
  const row = { cookie: { expires, originalMaxAge: null, path: '/' } };
  expect(isSound(row)).toBe(true);
  expect(mended(row)).toEqual({ cookie: { expires: null, originalMaxAge: null, path: '/' } });
});

describe('isGone()', () => {
  const check = (error: unknown, row: string | undefined, failure?: unknown) => {
    const store = new BrokenStore(() => failure);
    const kept = new MemoryStore();
    if (row !== undefined) Object.assign((kept as unknown as { sessions: object }).sessions, { id: row });
    return isGone(taken(failure === undefined ? kept : store), 'id', error);
  };

  test.each<[string, boolean, Parameters<typeof check>]>([
    ['there is none', true, [down, undefined]],
    ['there is one', false, [down, '{"cookie":{}}']],
    [
      'the store reports it as ENOENT',
      true,
      [down, undefined, Object.assign(new Error('no file'), { code: 'ENOENT' })],
    ],
    ['the store cannot be read', false, [down, undefined, Object.assign(new Error('away'), { code: 'ECONNREFUSED' })]],
    ['the store has not called back, so it is not asked again', false, [new StoreTimeoutError('late'), undefined]],
  ])('a row that could not be deleted, and %s: %p', async (_what, expected, given) => {
    expect(await check(...given)).toBe(expected);
  });
});

test('a row whose expiry is a date, as some stores give it, is sound', () => {
  expect(isSound({ cookie: { expires: new Date(0), originalMaxAge: 5 } } as unknown as SessionData)).toBe(true);
});
