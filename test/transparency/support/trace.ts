import type { Request, Response } from 'express';

/** What a handler sees while it works: what calls back, how often, with what, and in which order. */
export class Trace {
  private readonly noted: string[] = [];
  /** What nobody waits for may come at any time. */
  private readonly loose: string[] = [];
  private pending = 0;
  private isClosed = false;
  private settle!: () => void;
  /** Settles when the response is closed, and everything has called back. */
  readonly settled = new Promise<void>((resolve) => (this.settle = resolve));

  get entries(): string[] {
    return [...this.noted, ...this.loose.toSorted()];
  }

  note(...words: unknown[]): void {
    this.noted.push(words.map(shown).join(' '));
  }

  /** A callback that notes that it is called, and with what, but not when. */
  callback(name: string): (...args: unknown[]) => void {
    return this.noting(name, this.loose);
  }

  private noting(name: string, list: string[]): (...args: unknown[]) => void {
    let calls = 0;
    this.pending += 1;
    return (...args) => {
      calls += 1;
      const given = args.filter((arg) => !isRow(arg));
      list.push([calls === 1 ? name : `${name}, called again`, ...given].map(shown).join(' '));
      if (calls > 1) return;
      this.pending -= 1;
      this.check();
    };
  }

  /** The same, as a promise: what comes after it in the handler waits. */
  called(name: string, work: (done: (...args: unknown[]) => void) => unknown): Promise<void> {
    const noted = this.noting(name, this.noted);
    return new Promise((resolve) => {
      const returned = work((...args) => {
        noted(...args);
        resolve();
      });
      this.note(name, 'returned', kindOf(returned));
    });
  }

  /** Notes the events of a response, and what an access log reads on `finish`. */
  follow(req: Request, res: Response): void {
    for (const name of ['pipe', 'prefinish', 'finish', 'error'] as const) res.on(name, () => this.note(`on ${name}`));
    res.on('finish', () => this.note('session on finish', ...sessionOf(req)));
    res.on('close', () => {
      this.note('on close', res.writableFinished);
      this.isClosed = true;
      this.check();
    });
  }

  private check(): void {
    if (this.isClosed && this.pending === 0) setImmediate(this.settle);
  }
}

/** session-file-store passes what it has written to the callback, with times of its own. */
const isRow = (arg: unknown) => typeof arg === 'object' && arg !== null && 'cookie' in arg;

/** What anybody can see of the session on a request. */
export function sessionOf(req: Request): unknown[] {
  const { session, sessionID } = req as Partial<Request>;
  if (!session) return ['no session', session === null ? 'null' : 'undefined', marked(sessionID)];
  // session-file-store adds the time of the last access.
  const { cookie, __lastAccess: _at, ...data } = JSON.parse(JSON.stringify(session)) as Record<string, unknown>;
  return ['session', data, steady(cookie as Record<string, unknown>), marked(sessionID), sessionID === session.id];
}

/** A cookie without what the clock of the machine moves while a request is served. */
export function steady({ expires: _expires, originalMaxAge, ...attributes }: Record<string, unknown>) {
  const isNumber = typeof originalMaxAge === 'number';
  return { ...attributes, originalMaxAge: isNumber ? Math.round(originalMaxAge / 10_000) * 10_000 : originalMaxAge };
}

/** An id, so that it is found in a text. */
const marked = (id: string | undefined) => (id === undefined ? 'no id' : `[id ${id}]`);

/** Finds ids in a text, and gives them names. */
export function withNames(text: string, nameOf: (id: string) => string): string {
  return text.replaceAll(/\[id (.*?)\]/g, (_all, id: string) => nameOf(id));
}

function shown(value: unknown): string {
  if (typeof value === 'string') return value;
  // Errors of Node itself belong to another realm than those of a test.
  const { name, message, code } = (value ?? {}) as Partial<NodeJS.ErrnoException>;
  if (message !== undefined) return `${name}: ${code ?? message}`;
  return JSON.stringify(value) ?? String(value);
}

function kindOf(value: unknown): string {
  return value instanceof Promise ? 'a promise' : typeof value;
}

const traces = new Map<string, Trace>();

/** The trace of the request with this header. */
export function traceOf(req: Request): Trace {
  const id = String(req.headers['x-trace']);
  const trace = traces.get(id) ?? new Trace();
  traces.set(id, trace);
  return trace;
}

/** Makes the trace of a request before it is sent. */
export function newTrace(id: string): Trace {
  const trace = new Trace();
  traces.set(id, trace);
  return trace;
}

export function forgetTrace(id: string): void {
  traces.delete(id);
}
