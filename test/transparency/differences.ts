import { headerIndex, type Pair, rename } from './support/comparison.js';
import type { RecordedAnswer, Recording } from './support/recording.js';

/** Something that is not the same with us, as the docs promise. */
export interface Difference {
  readonly name: string;
  /** Where the docs say so. */
  readonly sentence: string;
  /** Takes it out of what was seen, if it is as the docs say. Returns whether there was something to take out. */
  remove(pair: Pair): boolean;
}

const answersOf = ({ answers }: Recording) =>
  answers.filter((answer): answer is RecordedAnswer => answer !== undefined);
const MARKER = 'nestjs-session-timeout';
const TIMING = /(?:, )?session;dur=\d+;desc="(?:active|warning|expired-[a-z-]+) [\w-]{8} \d+"$/;

const serverTiming: Difference = {
  name: 'the header Server-Timing',
  sentence: 'The answer contains the session status in the header `Server-Timing`.',
  remove({ withUs }) {
    let found = false;
    for (const answer of answersOf(withUs)) {
      const index = headerIndex(answer, 'server-timing', (value) => TIMING.test(value));
      if (index < 0) continue;
      const [name, value] = answer.headers[index] as [string, string];
      const rest = value.replace(TIMING, '');
      answer.headers.splice(index, 1, ...(rest === '' ? [] : [[name, rest] as [string, string]]));
      found = true;
    }
    return found;
  },
};

const marker: Difference = {
  name: 'the marker in the session',
  sentence: 'A **marker** is a small field in the session itself.',
  remove({ withUs }) {
    let found = false;
    for (const { data } of withUs.rows) {
      found ||= MARKER in data;
      delete data[MARKER];
    }
    withUs.trace = withUs.trace.map((entry) => {
      const bare = entry.replace(/,?"nestjs-session-timeout":"[\w-]{16}\.\d+(?:\.[\w-]+)?"/, '').replace('{,', '{');
      found ||= bare !== entry;
      return bare;
    });
    return found;
  },
};

const endsWith = ({ scenario: { path } }: Pair, ...acts: string[]) => acts.some((act) => path.endsWith(`/${act}`));
const signsIn = (pair: Pair) => endsWith(pair, 'sign-in', 'sign-in-and-save', 'regenerate-and-fill');
const signsOut = (pair: Pair) => endsWith(pair, 'sign-out') && pair.scenario.session === 'signed in';

const newId: Difference = {
  name: 'a new session id when the user changes',
  sentence: 'If a handler forgets it, the module moves the session to a new id itself and logs a warning.',
  remove(pair) {
    const { withUs, without } = pair;
    const [answer] = withUs.answers;
    const [other] = without.answers;
    if (!answer || !other || !(signsIn(pair) || signsOut(pair)) || endsWith(pair, 'regenerate-and-fill')) return false;
    // The browser came with the first session that was named.
    if (pair.scenario.session === 'none' || !JSON.stringify(withUs).includes('<session 2>')) return false;
    const index = headerIndex(answer, 'set-cookie', (value) => value.includes('<session 2>'));
    // express-session itself sends a cookie only if it is to be renewed.
    const isSentAnyway = headerIndex(other, 'set-cookie', (value) => value.includes('<session 1>')) >= 0;
    if (index >= 0 && !isSentAnyway) answer.headers.splice(index, 1);
    rename(withUs, '<session 2>', '<session 1>');
    return true;
  },
};

const nothingLeft: Difference = {
  name: 'a session of which a sign-out leaves nothing',
  sentence: 'A session of which nothing is left is not stored.',
  remove(pair) {
    const { withUs, without } = pair;
    const [answer] = withUs.answers;
    const [other] = without.answers;
    if (!signsOut(pair) || !answer || !other || withUs.rows.some(({ data }) => Object.keys(data).length > 0))
      return false;
    if (headerIndex(answer, 'set-cookie', isClearing) < 0) return false;
    // express-session itself goes on with the empty session, and renews its cookie.
    other.headers = other.headers.filter(([, value]) => !value.includes('<session 1>'));
    withoutFraming(pair);
    return asVisitor(pair);
  },
};

const waiting: Difference = {
  name: 'an answer that waits until a sign-in is stored',
  sentence:
    'An answer that signs somebody in or out waits until this is stored, and `res.end()` returns the response meanwhile.',
  remove(pair) {
    if (!signsIn(pair) && !signsOut(pair)) return false;
    for (const recording of [pair.withUs, pair.without]) {
      recording.trace = recording.trace.filter((entry) => !entry.startsWith('end returned')).toSorted();
    }
    return true;
  },
};

const savedAgain: Difference = {
  name: 'a row that is written once more',
  sentence:
    'If the handler saves the session itself, the row is written once more as the answer ends, which may send it in chunks.',
  remove(pair) {
    if (!endsWith(pair, 'sign-in-and-save')) return false;
    withoutFraming(pair);
    withoutNulls(pair);
    return true;
  },
};

const storedEarly: Difference = {
  name: 'a sign-in in an answer that breaks off',
  sentence: 'A sign-in is stored before the headers go out, so it holds even if the answer breaks off afterwards.',
  remove(pair) {
    if (!signsIn(pair) || !pair.scenario.path.includes('/give-up/')) return false;
    if (!pair.withUs.rows.some(({ data }) => data['user'] === 'carol')) return false;
    pair.without.rows = pair.withUs.rows;
    pair.without.answers[1] = pair.withUs.answers[1];
    return true;
  },
};

/** Whether a cookie takes the one of before away. */
const isClearing = (cookie: string) => cookie.includes('=; ') && cookie.includes('Expires=Thu, 01 Jan 1970');

/** Whether nothing of the session is left with us, and the next request is a visitor's. Then the rest may differ. */
function asVisitor({ withUs, without }: Pair): boolean {
  if (withUs.rows.some(({ data }) => Object.keys(data).length > 0)) return false;
  if (withUs.answers[1]?.body !== '{"user":null,"note":null}') return false;
  withUs.rows = without.rows;
  withUs.answers[1] = without.answers[1];
  return true;
}

/** A row that the module writes, or leaves out, is called back for without an error: as nothing, or as null. */
function withoutNulls({ withUs, without }: Pair): void {
  for (const recording of [withUs, without]) {
    recording.trace = recording.trace.map((entry) => entry.replace(/^save( null)+$/, 'save'));
  }
}

/** How the length of an answer is told: it depends on whether express-session waits for the store. */
function withoutFraming({ withUs, without }: Pair): void {
  for (const { answers } of [withUs, without]) {
    const [answer] = answers;
    if (answer && answer.framing !== 'none') unframe(answer);
  }
}

function unframe(answer: RecordedAnswer): void {
  answer.framing = 'length';
  answer.headers = answer.headers.filter(([name]) => !/^(content-length|transfer-encoding)$/i.test(name));
}

const sparedTouch: Difference = {
  name: 'a touch that the row does not need',
  sentence: 'A touch that the row does not need calls back at once, so the answer leaves in one piece.',
  remove({ withUs, without, scenario }) {
    if (scenario.session !== 'at work') return false;
    const pairs = withUs.answers.map((answer, i) => [answer, without.answers[i]] as const);
    const inOnePiece = pairs.filter(([one, other]) => one?.framing === 'length' && other?.framing === 'chunked');
    for (const answer of inOnePiece.flat() as RecordedAnswer[]) unframe(answer);
    // Nobody waits for the store, so the response finishes earlier.
    for (const recording of [withUs, without]) {
      recording.trace = recording.trace.filter((entry) => !entry.startsWith('end returned')).toSorted();
    }
    return inOnePiece.length > 0;
  },
};

const clearedCookie: Difference = {
  name: 'the cookie of a session that has ended',
  sentence: 'The answer that tells the end clears the cookie.',
  remove({ withUs, without }) {
    let found = false;
    for (const [i, answer] of withUs.answers.entries()) {
      if (!answer) continue;
      const index = headerIndex(answer, 'set-cookie', isClearing);
      if (index < 0 || headerIndex(without.answers[i] as RecordedAnswer, 'set-cookie', isClearing) >= 0) continue;
      answer.headers.splice(index, 1);
      found = true;
    }
    return found;
  },
};

const final: Difference = {
  name: 'a session that was destroyed stays destroyed',
  sentence: '`store.destroy(id)` are final, and a later `save()` changes nothing.',
  remove(pair) {
    if (!endsWith(pair, 'save-after-destroy')) return false;
    withoutNulls(pair);
    return asVisitor(pair);
  },
};

const refusal: Difference = {
  name: 'a refusal of the request after a sign-out',
  sentence: 'It refuses a request whose session has ended, unless the handler has',
  remove(pair) {
    const { withUs, without, scenario } = pair;
    const [, answer] = withUs.answers;
    // The headers of a stream are out before express-session destroys the session, and so the cookie stays.
    if (!/\/pipe\/(null|undefined|delete)$/.test(scenario.path) || scenario.session !== 'signed in') return false;
    if (answer?.statusLine !== 'HTTP/1.1 401 Unauthorized' || !answer.body.includes('"reason":"signed-out"'))
      return false;
    if (without.answers[1]?.body !== '{"user":null,"note":null}') return false;
    withUs.answers[1] = without.answers[1];
    return true;
  },
};

export const DIFFERENCES: readonly Difference[] = [
  serverTiming,
  marker,
  newId,
  nothingLeft,
  waiting,
  savedAgain,
  storedEarly,
  sparedTouch,
  clearedCookie,
  final,
  refusal,
];
