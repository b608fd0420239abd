import { type RawAnswer, RawConnection } from '../../support/raw-http.js';
import { givenCookie, Names, type RecordedAnswer, recordAnswer, type Recording, recordRows } from './recording.js';
import { forgetTrace, newTrace, withNames } from './trace.js';
import { signed, type Twin, unsigned } from './twins.js';

/** What a browser has before it asks. */
export const SESSIONS = ['none', 'basket', 'signed in', 'at work', 'unknown', 'forged'] as const;
export type SessionKind = (typeof SESSIONS)[number];

/** What is asked of both applications. */
export interface Scenario {
  readonly session: SessionKind;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const nameOf = ({ session, method, path, headers, body }: Scenario): string =>
  [method, path, `(${session})`, headers && JSON.stringify(headers), body].filter(Boolean).join(' ');

let requests = 0;

/** A browser of one application. It keeps its connection, and one cookie. */
export class Visitor {
  private connection: RawConnection | undefined;
  private cookie: string | undefined;

  constructor(
    readonly twin: Twin,
    /** How requests get to the application. */
    private readonly port = twin.port,
  ) {}

  /** Does what a scenario says, in a store without rows, and notes all that can be seen. */
  async play(scenario: Scenario): Promise<Recording> {
    const { twin } = this;
    await twin.shelf.clear();
    const names = new Names();
    await this.begin(scenario.session);
    this.nameCookie(names);
    const { answer, trace } = await this.ask(scenario);
    const seen = trace.map((entry) => withNames(entry, (id) => names.of(id)));
    const first = recordAnswer(answer, twin, names);
    const after = await this.ask({ method: 'GET', path: '/who' });
    const answers = [first, recordAnswer(after.answer, twin, names)];
    return { answers, rows: recordRows(await twin.shelf.rows(), names), trace: seen };
  }

  /** Sends requests at once, without waiting for answers, and reads the answers in their order. */
  async pipeline(session: SessionKind, requests: readonly Omit<Scenario, 'session'>[]): Promise<Recording> {
    await this.twin.shelf.clear();
    const names = new Names();
    await this.begin(session);
    this.nameCookie(names);
    const connection = await this.connected();
    const traces = requests.map((request) => ({ ...request, id: nextId() }));
    const kept = traces.map(({ id }) => newTrace(id));
    connection.write(traces.map((request) => this.text(request, request.id)).join(''));
    const answers: RecordedAnswer[] = [];
    for (const { method } of requests) {
      const answer = recordAnswer(await connection.read(method), this.twin, names);
      if (!answer) throw new Error(`The connection was closed before ${method} was answered`);
      answers.push(answer);
    }
    await Promise.all(kept.map(({ settled }) => settled));
    const trace = kept.flatMap(({ entries }) => entries.map((entry) => withNames(entry, (id) => names.of(id))));
    return { answers, rows: recordRows(await this.twin.shelf.rows(), names), trace };
  }

  close(): void {
    this.connection?.close();
  }

  private async begin(session: SessionKind): Promise<void> {
    const { cookieName, secrets } = this.twin;
    this.cookie = undefined;
    const [secret = ''] = secrets;
    const id = 'an-id-that-has-no-row-here-------';
    if (session === 'unknown') this.cookie = `${cookieName}=${signed(id, secret)}`;
    if (session === 'forged') this.cookie = `${cookieName}=${signed(id, 'another secret')}`;
    if (session === 'basket') await this.ask({ method: 'POST', path: '/basket' });
    if (session === 'signed in' || session === 'at work') await this.ask({ method: 'POST', path: '/sign-in' });
    if (session === 'at work') await this.ask({ method: 'GET', path: '/who' });
  }

  /** The session that the browser comes with is the first. */
  private nameCookie(names: Names): void {
    const value = this.cookie?.slice(this.twin.cookieName.length + 1);
    const session = value === undefined ? undefined : unsigned(value, this.twin.secrets);
    if (session) names.of(session.id);
  }

  private keep(answer: RawAnswer | undefined): void {
    const given = givenCookie(answer, this.twin.cookieName);
    if (given !== undefined) this.cookie = given === '' ? undefined : `${this.twin.cookieName}=${given}`;
  }

  private async ask(request: Omit<Scenario, 'session'>) {
    const connection = await this.connected();
    const id = nextId();
    const trace = newTrace(id);
    connection.write(this.text(request, id));
    const answer = await connection.read(request.method);
    this.keep(answer);
    await trace.settled;
    forgetTrace(id);
    if (!answer || answer.isCut || isLast(answer)) {
      connection.close();
      this.connection = undefined;
    }
    return { answer, trace: [...trace.entries] };
  }

  private text({ method, path, headers = {}, body }: Omit<Scenario, 'session'>, trace: string): string {
    const fields = { host: 'site.example', 'x-trace': trace, ...(this.cookie && { cookie: this.cookie }), ...headers };
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const lines = Object.entries({ ...fields, ...length }).map(([name, value]) => `${name}: ${value}`);
    return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
  }

  private async connected(): Promise<RawConnection> {
    if (this.connection?.isClosed) this.connection = undefined;
    return (this.connection ??= await RawConnection.to(this.port));
  }
}

function nextId(): string {
  requests += 1;
  return String(requests);
}

function isLast({ headers, framing }: RawAnswer): boolean {
  return (
    framing === 'close' || headers.some(([name, value]) => name.toLowerCase() === 'connection' && value === 'close')
  );
}
