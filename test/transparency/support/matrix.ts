import { answerNames } from './answers.js';
import { type Scenario, type SessionKind, SESSIONS } from './exchange.js';
import { type ActName, actNames } from './session-acts.js';

const VISITORS: readonly SessionKind[] = ['none', 'basket', 'signed in'];
const NEST_KINDS = ['value', 'text', 'nothing', 'observable', 'stream', 'redirect', 'headers', 'refusal', 'failure'];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

const each = (sessions: readonly SessionKind[], method: string, paths: readonly string[]): Scenario[] =>
  sessions.flatMap((session) => paths.map((path) => ({ session, method, path })));

/** All that handlers do to a session, before some answers. */
export function acts(
  answers: readonly string[],
  sessions: readonly SessionKind[] = VISITORS,
  names: readonly ActName[] = actNames,
): Scenario[] {
  const own = answers.flatMap((answer) => names.map((act) => `/own/${answer}/${act}`));
  return each(sessions, 'POST', own);
}

/** All ways to answer, after some of what handlers do to a session. */
export function waysToAnswer(acts: readonly string[]): Scenario[] {
  const own = answerNames.flatMap((answer) => acts.map((act) => `/own/${answer}/${act}`));
  const nest = NEST_KINDS.flatMap((kind) => acts.map((act) => `/nest/${kind}/${act}`));
  const atOnce = answerNames.map((answer) => `/at-once/${answer}`);
  return each(VISITORS, 'GET', [...own, ...nest, ...atOnce, '/nest/events/nothing']);
}

/** All ways to answer somebody who has just asked for something else. */
export function soonAfterwards(): Scenario[] {
  return each(
    ['at work'],
    'GET',
    answerNames.flatMap((answer) => [`/at-once/${answer}`, `/own/${answer}/nothing`]),
  );
}

/** All methods, to handlers, to a file, and to a path that nothing answers. */
export function methods(): Scenario[] {
  const paths = ['/own/json/nothing', '/own/write/change', '/nest/value/nothing', '/files/answer.txt', '/nowhere'];
  return METHODS.flatMap((method) => each(VISITORS, method, paths));
}

/** Requests that name what they have, or want a part. */
export function conditional(): Scenario[] {
  const conditions: Record<string, string>[] = [
    { 'if-none-match': '*' },
    { 'if-none-match': 'W/"4-IvXzqJLRcBsZr5mxz3wFvw+Ec7U"' },
    { 'if-modified-since': 'Fri, 31 Dec 2100 00:00:00 GMT' },
    { 'if-match': '"other"' },
    { 'if-unmodified-since': 'Fri, 31 Dec 1999 00:00:00 GMT' },
    { range: 'bytes=2-5' },
    { range: 'bytes=-4' },
    { range: 'bytes=0-1,4-5' },
    { range: 'bytes=900-' },
    { range: 'bytes=2-5', 'if-range': '"other"' },
    { 'accept-encoding': 'gzip' },
    { connection: 'close' },
  ];
  const paths = ['/own/send-file/nothing', '/own/send/nothing', '/own/json/change', '/files/answer.txt'];
  const asked = ['GET', 'HEAD'].flatMap((method) => each(['none', 'signed in'], method, paths));
  return conditions.flatMap((headers) => asked.map((scenario) => Object.assign({}, scenario, { headers })));
}

/** Cookies that name nothing, bodies that are none, and paths that reach no handler. */
export function oddRequests(): Scenario[] {
  const json = { 'content-type': 'application/json' };
  return SESSIONS.flatMap((session) => [
    { session, method: 'GET', path: '/own/json/nothing' },
    { session, method: 'GET', path: '/own/json/change' },
    { session, method: 'GET', path: '/nowhere' },
    { session, method: 'GET', path: '/own/json/%E0%A4%A' },
    { session, method: 'POST', path: '/echo', headers: json, body: '{"a":1}' },
    { session, method: 'POST', path: '/echo', headers: json, body: '{"a":' },
    { session, method: 'POST', path: '/echo', headers: json, body: `{"a":"${'x'.repeat(200_000)}"}` },
  ]);
}
