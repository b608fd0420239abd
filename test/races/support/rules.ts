import { sessionKey } from '../../../src/express-session/session-key.js';
import { sessionIdOf } from '../../support/cookies.js';
import type { RawAnswer } from '../../support/raw-http.js';
import { type ActName, type Doing, EXPIRY, meaningOf, NEWCOMER } from './acts.js';
import { cookieOf, jsonOf, type World } from './world.js';

/** Two requests with one cookie, and what came of them. */
export interface Race {
  readonly owner: string | null;
  /** The cookie that both came with. */
  readonly cookie: string;
  readonly doings: readonly Doing[];
  readonly answers: readonly (RawAnswer | undefined)[];
}

const idOf = (cookie: string) => decodeURIComponent(sessionIdOf(cookie));
const keyOf = (cookie: string) => sessionKey(idOf(cookie));

/** The rules of safety that a race has broken. */
export async function brokenRules(world: World, race: Race): Promise<string[]> {
  const broken = [...answered(race), ...toldOnce(world), ...ofOneUser(world), ...rowsAgree(world)];
  return [...broken, ...(await afterwards(world, race))];
}

/** A request is served as whose session it came with, as whom it signs in itself, or refused. */
function answered({ owner, doings, answers }: Race): string[] {
  return doings.flatMap((doing, i) => {
    const answer = answers[i];
    if (doing === EXPIRY || !answer) return [];
    if (answer.status !== 200) return answer.status === 401 ? [] : [`${doing} got ${answer.statusLine}`];
    const { before, after } = jsonOf(answer);
    const own = meaningOf(doing) === 'sign-in' ? NEWCOMER : owner;
    const isRight = [owner, null].includes(before as string) && [owner, own, null].includes(after as string);
    return isRight ? [] : [`${doing} was served as ${String(before)}, then as ${String(after)}`];
  });
}

/** Each session begins at most once, and ends at most once. */
function toldOnce({ events }: World): string[] {
  const counts = new Map<string, number>();
  for (const { type, session } of events) {
    const what = `${type === 'started' ? 'started' : 'ended'} ${session}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return [...counts].flatMap(([what, count]) => (count > 1 ? [`told ${count} times: ${what}`] : []));
}

/** No id has ever been of two users, or of a visitor and of a user. */
function ofOneUser({ store }: World): string[] {
  const users = new Map<string, unknown>();
  return store.writes.flatMap(({ sessionId, row }) => {
    const { user = null } = JSON.parse(row) as { user?: string };
    if (!users.has(sessionId)) users.set(sessionId, user);
    return users.get(sessionId) === user
      ? []
      : [`one id was of ${String(users.get(sessionId))} and of ${String(user)}`];
  });
}

/**
 * A row is of whom its timeline is, and no row of an ended session is left. Only where a session expires without a
 * request that could name the row, it stays until its own lifetime is over.
 */
function rowsAgree({ store, ledger }: World): string[] {
  return Object.entries(store.sessions).flatMap(([sessionId, row]) => {
    const { user } = JSON.parse(row) as { user?: string };
    const record = ledger.ledger.read(sessionKey(sessionId));
    if (record?.state === 'ended' && record.reason === 'idle') return [];
    if (record?.state === 'ended') return [`the row of a session that has ended (${record.reason}) is left`];
    if (user === undefined) return record === undefined ? [] : ['a row of nobody has a timeline'];
    return record?.user === user ? [] : [`a row of ${user} has a timeline of ${String(record?.user)}`];
  });
}

/** Who the cookies of a race serve when all is over. */
async function afterwards(world: World, race: Race): Promise<string[]> {
  const { owner, cookie, doings, answers } = race;
  const broken: string[] = [];
  const whoIs = async (asked: string) => {
    const answer = await world.ask('GET', '/who', asked);
    return answer.status === 200 ? (jsonOf(answer)['user'] as string | null) : undefined;
  };
  const ended = new Set(world.events.filter(({ type }) => type !== 'started').map(({ session }) => session));
  const signedOut = new Set(
    world.events.flatMap((event) => ('reason' in event && event.reason === 'signed-out' ? [event.session] : [])),
  );
  const old = await whoIs(cookie);
  if (old && old !== owner) broken.push(`the cookie of before serves ${old}`);
  if (old && ended.has(keyOf(cookie))) broken.push('an ended session was brought back');
  const isLeft = doings.some(
    (doing, i) => doing !== EXPIRY && answers[i]?.status === 200 && meaningOf(doing) !== 'nothing',
  );
  if (old && isLeft) broken.push(`the cookie of before still serves ${old}`);

  const isHarmless = (doing: Doing) => doing !== EXPIRY && meaningOf(doing) === 'nothing';
  if (owner !== null && doings.every(isHarmless) && old !== owner) broken.push('an active user was signed out');
  let served = 0;
  for (const [i, doing] of doings.entries()) {
    const answer = answers[i];
    const given = answer && cookieOf(answer);
    if (given === undefined || doing === EXPIRY) continue;
    const user = await whoIs(given);
    const expected = expectedUser(doing, owner);
    if (user && user !== expected) broken.push(`the new cookie of ${doing} serves ${user}`);
    if (user && ended.has(keyOf(given))) broken.push(`the new session of ${doing} has ended and serves`);
    if (user && moves(doing) && signedOut.has(keyOf(cookie)))
      broken.push(`${doing} goes on although somebody signed out`);
    if (user) served += 1;
    const isAlone = doings.every((other, j) => j === i || isHarmless(other));
    if (isAlone && expected !== null && answer?.status === 200 && !user) broken.push(`${doing} has signed nobody in`);
  }
  const keepsUser = (doing: Doing) => isHarmless(doing) || ['sign-in', 'renewal'].includes(meaningOf(doing as ActName));
  const anySignIn = doings.some(
    (doing) => doing !== EXPIRY && expectedUser(doing, owner) !== null && !isHarmless(doing),
  );
  if (anySignIn && doings.every((doing) => doing !== EXPIRY && keepsUser(doing)) && served === 0) {
    broken.push('two sign-ins have signed nobody in');
  }
  return broken;
}

/** Whether an act gives the session that it came with another id, and does not begin one of its own. */
const moves = (doing: ActName) => ['renew', 'sign-in', 'sign-in-and-save'].includes(doing);

/** Whom the session is of that an act leaves. */
function expectedUser(doing: ActName, owner: string | null): string | null {
  switch (meaningOf(doing)) {
    case 'sign-in':
      return NEWCOMER;
    case 'renewal':
    case 'nothing':
      return owner;
    case 'end':
      return null;
  }
}
