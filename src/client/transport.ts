import { type Reply, readReply } from './reply.js';

/** What the browser tells with a question: milliseconds since the last activity, and in which session. */
export interface Report {
  readonly idleFor: number;
  readonly session: string | undefined;
}

/** An answer, read and as it came. */
export interface PingAnswer {
  readonly reply: Reply;
  readonly body: unknown;
}

/** The server did not say how the session stands. */
export class Unknown extends Error {
  constructor(
    /** Milliseconds after which the server wants to be asked again. */
    readonly retryAfter = 0,
  ) {
    super('The server did not say how the session stands.');
  }
}

/** The routes of the package. */
export interface Transport {
  /**
   * Asks how the session stands.
   *
   * @param patience milliseconds to wait for the answer; without it the question survives the page
   * @throws {Unknown} or whatever `fetch` throws: then nothing is known
   */
  ping(report: Report | undefined, patience?: number): Promise<PingAnswer>;
  /** Signs out. */
  end(): Promise<void>;
}

/** @param url where the routes are, with a slash at the end */
export function transport(url: string): Transport {
  const call = (path: string, init: RequestInit): Promise<Response> =>
    fetch(url + path, {
      headers: { 'x-session-client': '1' },
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'manual',
      ...init,
    });

  return {
    async ping(report, patience) {
      const response = await call(
        `ping${query(report)}`,
        patience === undefined ? { keepalive: true } : { signal: AbortSignal.timeout(patience) },
      );
      const body: unknown = response.status === 200 ? await response.json() : undefined;
      const reply = readReply(body);
      if (!reply) throw new Unknown(Number(response.headers.get('retry-after')) * 1000 || 0);
      return { reply, body };
    },
    async end() {
      const { ok } = await call('end', { method: 'POST', keepalive: true });
      if (!ok) throw new Unknown();
    },
  };
}

function query(report: Report | undefined): string {
  if (!report) return '';
  const idleFor = (Math.max(0, report.idleFor) / 1000).toFixed(3);
  return `?${new URLSearchParams({ idleFor, ...(report.session && { session: report.session }) })}`;
}
