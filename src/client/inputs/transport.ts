import { type ActivityReport, encodeReport } from '../../wire/activity-report.js';
import { CLIENT_HEADER } from '../../wire/headers.js';
import { decodePingReply, type PingReply } from '../../wire/ping-reply.js';

/** What came back from a ping. */
export interface PingAnswer {
  /** How the session stands; `undefined` if the answer does not say. */
  readonly reply: PingReply | undefined;
  /** The reply as it came. */
  readonly body: unknown;
  /** Milliseconds after which the server wants to be asked again; 0 if it did not say. */
  readonly retryAfter: number;
}

/** The routes of the package. They throw what `fetch` throws. */
export interface Transport {
  /**
   * Asks how the session stands. The request goes on when the page is left.
   *
   * @param patience milliseconds to wait for the answer
   */
  ping(patience: number, report?: ActivityReport): Promise<PingAnswer>;
  /** Signs out. */
  end(): Promise<{ readonly ok: boolean }>;
}

/** @param url where the routes are, with a slash at the end */
export function transport(url: string): Transport {
  const call = (path: string, init: RequestInit): Promise<Response> =>
    fetch(url + path, {
      headers: { [CLIENT_HEADER]: '1' },
      cache: 'no-store',
      redirect: 'manual',
      keepalive: true,
      ...init,
    });

  return {
    async ping(patience, report) {
      const signal = AbortSignal.timeout(patience);
      const response = await call(`ping${report ? encodeReport(report) : ''}`, { signal });
      const body: unknown = response.status === 200 ? await response.json() : undefined;
      const retryAfter = Number(response.headers.get('retry-after')) * 1000 || 0;
      return { reply: decodePingReply(body), body, retryAfter };
    },
    end: () => call('end', { method: 'POST' }),
  };
}
