import { type Reply, readReply } from '../reply.js';

/** What the browser tells with a question: milliseconds since the last activity, and in which session. */
export interface Report {
  readonly idleFor: number;
  readonly session: string | undefined;
}

/** What came back. Without a `reply` it is unknown how the session stands. */
export interface PingAnswer {
  readonly reply: Reply | undefined;
  /** The reply as it came. */
  readonly body: unknown;
  /** Milliseconds after which the server wants to be asked again; 0 if it did not say. */
  readonly retryAfter: number;
}

/** The routes of the package. What `fetch` throws, they throw. */
export interface Transport {
  /**
   * Asks how the session stands. The question outlives the page.
   *
   * @param patience milliseconds to wait for the answer
   */
  ping(patience: number, report?: Report): Promise<PingAnswer>;
  /** Signs out. */
  end(): Promise<{ readonly ok: boolean }>;
}

/** @param url where the routes are, with a slash at the end */
export function transport(url: string): Transport {
  const call = (path: string, init: RequestInit): Promise<Response> =>
    fetch(url + path, {
      headers: { 'x-session-client': '1' },
      cache: 'no-store',
      redirect: 'manual',
      keepalive: true,
      ...init,
    });

  return {
    async ping(patience, report) {
      const response = await call(`ping${query(report)}`, { signal: AbortSignal.timeout(patience) });
      const body: unknown = response.status === 200 ? await response.json() : undefined;
      const retryAfter = Number(response.headers.get('retry-after')) * 1000 || 0;
      return { reply: readReply(body), body, retryAfter };
    },
    end: () => call('end', { method: 'POST' }),
  };
}

function query(report: Report | undefined): string {
  if (!report) return '';
  const idleFor = (Math.max(0, report.idleFor) / 1000).toFixed(3);
  return `?idleFor=${idleFor}&session=${encodeURIComponent(report.session ?? '')}`;
}
