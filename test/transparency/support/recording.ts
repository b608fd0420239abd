import { headerValues, type RawAnswer } from '../../support/raw-http.js';
import { type Twin, unsigned } from './twins.js';
import { steady } from './trace.js';
import type { Rows } from './stores.js';

/** An answer without what differs by chance: times, random ids and signatures. */
export interface RecordedAnswer {
  informational: readonly string[];
  statusLine: string;
  headers: [name: string, value: string][];
  framing: RawAnswer['framing'];
  body: string;
  trailers: string;
  isCut: boolean;
}

export interface RecordedRow {
  id: string;
  /** How long the row's cookie lives from now on. */
  lives: string;
  cookie: Record<string, unknown>;
  data: Record<string, unknown>;
}

/** All that can be seen of one application while it served one request, and another one after it. */
export interface Recording {
  answers: (RecordedAnswer | undefined)[];
  rows: RecordedRow[];
  trace: readonly string[];
}

/** Gives session ids names, in the order in which they are met: the same in both applications. */
export class Names {
  private readonly names = new Map<string, string>();

  of(id: string): string {
    const known = this.names.get(id) ?? `<session ${this.names.size + 1}>`;
    this.names.set(id, known);
    return known;
  }
}

/** Times are rough: both applications are measured by the clock of the machine. */
const lifetime = (milliseconds: number) => `${Math.round(milliseconds / 60_000)} min`;

/** The value of an answer's session cookie; `''` if the answer clears it, `undefined` if it has none. */
export function givenCookie(answer: RawAnswer | undefined, name: string): string | undefined {
  const cookies = answer ? headerValues(answer, 'set-cookie') : [];
  const own = cookies.findLast((cookie) => cookie.startsWith(`${name}=`));
  return own?.slice(name.length + 1).split(';', 1)[0];
}

export function recordAnswer(answer: RawAnswer | undefined, twin: Twin, names: Names): RecordedAnswer | undefined {
  if (!answer) return undefined;
  const { informational, statusLine, framing, body, trailers, isCut } = answer;
  const headers = answer.headers.map(([name, value]): [string, string] => {
    switch (name.toLowerCase()) {
      case 'date':
        return [name, Number.isNaN(Date.parse(value)) ? value : 'now'];
      case 'set-cookie':
        return [name, recordCookie(value, twin, names)];
      default:
        return [name, value];
    }
  });
  return { informational, statusLine, headers, framing, body: body.toString('latin1'), trailers, isCut };
}

function recordCookie(cookie: string, twin: Twin, names: Names): string {
  const [pair = '', ...attributes] = cookie.split('; ');
  const [name, value = ''] = pair.split('=');
  const session = name === twin.cookieName ? unsigned(value, twin.secrets) : undefined;
  const shown = session ? `${name}=${names.of(session.id)} signed with secret ${session.secret}` : pair;
  return [shown, ...attributes.map(recordAttribute)].join('; ');
}

function recordAttribute(attribute: string): string {
  const [name, value = ''] = attribute.split('=');
  const time = Date.parse(value);
  return name === 'Expires' && time > 0 ? `Expires in ${lifetime(time - Date.now())}` : attribute;
}

export function recordRows(rows: Rows, names: Names): RecordedRow[] {
  const sorted = [...rows].toSorted(([, one], [, other]) => order(one).localeCompare(order(other)));
  const recorded = sorted.map(([id, row]) => {
    const { cookie, __lastAccess, ...data } = row;
    const kept = (cookie ?? {}) as Record<string, unknown>;
    const { expires } = kept;
    const lives = expires ? lifetime(Date.parse(String(expires)) - Date.now()) : 'as long as the browser';
    return { id: names.of(id), lives, cookie: steady(kept), data };
  });
  return recorded.toSorted((one, other) => one.id.localeCompare(other.id));
}

/** Rows that no answer has named are told apart by what they hold. */
const order = ({ cookie: _cookie, ...data }: Record<string, unknown>) => JSON.stringify(data);
