import type { Response } from 'express';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import type { Trace } from './trace.js';

/** How a handler answers with the response itself. */
type Answer = (res: Response, trace: Trace) => unknown;

export const FILE = fileURLToPath(new URL('answer.txt', import.meta.url));
const soon = () => new Promise((resolve) => setImmediate(resolve));
const parts = (...texts: string[]) => Readable.from(texts.map((text) => Buffer.from(text)));

/** Ends a response, and notes how it looks to the handler then. */
function ended(res: Response, trace: Trace, ...args: unknown[]): void {
  const returned: unknown = Reflect.apply(res.end, res, args);
  trace.note('end returned', returned === res ? 'the response' : typeof returned);
}

/** Each by the name under which a request asks for it. */
export const ANSWERS = {
  json: (res) => void res.json({ answer: 'json' }),
  send: (res) => void res.send('text'),
  'send-buffer': (res) => void res.send(Buffer.from([0, 1, 2, 255])),
  'send-status': (res) => void res.sendStatus(202),
  'send-later': (res) => void setImmediate(() => res.send('later')),
  end: (res, trace) => ended(res, trace),
  'end-text': (res, trace) => ended(res, trace, 'text'),
  'end-empty-text': (res, trace) => ended(res, trace, ''),
  'end-latin1': (res, trace) => ended(res, trace, 'caf\u00e9', 'latin1'),
  'end-hex': (res, trace) => ended(res, trace, 'c0ffee', 'hex'),
  'end-utf16': (res, trace) => ended(res.set('Content-Length', '8'), trace, 'text', 'utf16le'),
  'end-buffer': (res, trace) => ended(res, trace, Buffer.from('buffer')),
  'end-bytes': (res, trace) => ended(res, trace, new Uint8Array([1, 2, 3])),
  'end-callback': (res, trace) => ended(res, trace, 'text', () => trace.note('end called back')),
  'end-encoding-callback': (res, trace) => ended(res, trace, 'text', 'utf8', () => trace.note('end called back')),
  'end-with-length': (res, trace) => ended(res.set('Content-Length', '4'), trace, 'text'),
  'end-twice': (res, trace) => {
    ended(res, trace, 'first');
    ended(res, trace, 'second');
  },
  'end-twice-later': async (res, trace) => {
    ended(res, trace, 'first');
    await soon();
    ended(res, trace, 'second');
  },
  write: (res, trace) => {
    trace.note('write returned', typeof res.write('one '));
    res.write('two ', trace.callback('write'));
    ended(res, trace, 'three');
  },
  'write-with-length': (res, trace) => {
    res.set('Content-Length', '7');
    res.write('one ');
    ended(res, trace, 'two');
  },
  cork: (res, trace) => {
    res.cork();
    res.write('corked ');
    res.uncork();
    ended(res, trace, 'open');
  },
  'flush-headers': async (res, trace) => {
    res.set('X-Flushed', 'yes').flushHeaders();
    trace.note('headers sent', res.headersSent);
    await soon();
    ended(res, trace, 'flushed');
  },
  'write-head': (res, trace) => {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'X-Head': 'object' });
    ended(res, trace, 'head');
  },
  'write-head-list': (res, trace) => {
    res.writeHead(200, ['Content-Type', 'text/plain', 'X-Head', 'list', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']);
    ended(res, trace, 'head');
  },
  'write-head-pairs': (res, trace) => {
    res.writeHead(200, [
      ['Content-Type', 'text/plain'],
      ['X-Head', 'pairs'],
    ] as never);
    ended(res, trace, 'head');
  },
  'write-head-reason': (res, trace) => {
    res.writeHead(218, 'This is fine', { 'Content-Length': '4' });
    ended(res, trace, 'head');
  },
  'write-head-cookies': (res, trace) => {
    res.setHeader('Set-Cookie', ['first=1', 'second=2']);
    res.writeHead(201);
    ended(res, trace, 'cookies');
  },
  'early-hints': async (res, trace) => {
    await trace.called('early hints', (done) => res.writeEarlyHints({ link: '</style.css>; rel=preload' }, done));
    ended(res, trace, 'hinted');
  },
  processing: (res, trace) => {
    res.writeProcessing();
    ended(res, trace, 'processed');
  },
  pipe: (res) => void parts('piped ', 'in ', 'parts').pipe(res),
  gzip: (res) => void parts('gzip '.repeat(500), 'end').pipe(createGzip()).pipe(res.set('Content-Encoding', 'gzip')),
  trailers: (res, trace) => {
    res.set('Trailer', 'X-Sum').write('body');
    res.addTrailers({ 'X-Sum': '4' });
    ended(res, trace);
  },
  'send-file': (res) => void res.sendFile(FILE),
  download: (res, trace) => void res.download(FILE, 'Umlaut \u00e4.txt', trace.callback('download')),
  redirect: (res) => void res.redirect('/elsewhere'),
  'redirect-303': (res) => void res.redirect(303, 'https://other.example/?a=b&c'),
  'no-content': (res, trace) => ended(res.status(204), trace, 'dropped'),
  'not-modified': (res, trace) => ended(res.status(304).set('ETag', '"x"'), trace),
  cookie: (res) => void res.cookie('theme', 'dark', { maxAge: 1000, path: '/x' }).send('cookie'),
  public: (res) => void res.set('Cache-Control', 'public, max-age=60').send('for everybody'),
  timing: (res) => void res.set('Server-Timing', 'db;dur=1').send('timed'),
  format: (res) => void res.format({ text: () => res.send('plain'), json: () => res.json({ as: 'json' }) }),
  throw: () => {
    throw new Error('The handler fails');
  },
  'throw-after-headers': (res) => {
    res.write('begun ');
    throw new Error('The handler fails late');
  },
  'give-up': (res) => {
    res.write('begun ');
    setImmediate(() => res.destroy());
  },
} satisfies Record<string, Answer>;

export type AnswerName = keyof typeof ANSWERS;
export const answerNames = Object.keys(ANSWERS) as AnswerName[];
