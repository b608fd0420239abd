import { type ActivityReport, encodeReport } from '../../wire/activity-report.js';
import { CLIENT_HEADER } from '../../wire/headers.js';
import { decodePingReply, type PingReply } from '../../wire/ping-reply.js';

/** The answer to a ping. */
export interface PingAnswer {
  /** The status of the session; `undefined` if the answer does not contain it. */
  readonly reply: PingReply | undefined;
  /** The reply as it came. */
  readonly body: unknown;
  /** Milliseconds after which the server wants to be asked again; 0 if it did not say. */
  readonly retryAfter: number;
}

/** The routes of the package. They throw what `fetch` throws. */
export interface Transport {
  /** Asks for the status of the session. The request goes on when the page is left. */
  ping(report?: ActivityReport): Promise<PingAnswer>;
  /** Signs out. Returns whether that has worked. */
  end(): Promise<boolean>;
}

/** Milliseconds after which a request is aborted, because the browser has few connections. */
const LONGEST = 10_000;

/** Called with each answer that does not come from this package: the path, and the response. */
export type Puzzle = (path: string, response: Response) => void;

/** @param url the URL of the package's routes, with a slash at the end */
export function transport(url: string, puzzle?: Puzzle): Transport {
  function call(path: string, method?: 'POST'): Promise<Response> {
    const aborter = new AbortController();
    setTimeout(() => aborter.abort(), LONGEST);
    return fetch(url + path, {
      method,
      headers: { [CLIENT_HEADER]: '1' },
      cache: 'no-store',
      redirect: 'manual',
      keepalive: true,
      signal: aborter.signal,
    } as RequestInit);
  }

  return {
    async ping(report) {
      // Some pages replace the random numbers, for example by zeros.
      const nonce = String(Date.now() + Math.random());
      const response = await call(`ping?n=${nonce}${report ? encodeReport(report) : ''}`);
      const body = (await response.json().catch(() => undefined)) as PingReply | undefined;
      const wait = response.headers.get('retry-after')!;
      const retryAfter = +wait * 1000 || Date.parse(wait) - Date.now() || 0;
      // An answer without the nonce is an old one from the cache of a service worker.
      const reply = body?.n === nonce ? decodePingReply(body) : undefined;
      if (!reply) puzzle?.('ping', response);
      return { reply, body, retryAfter };
    },
    async end() {
      const response = await call('end', 'POST');
      const isDone = response.status === 204;
      if (!isDone) puzzle?.('end', response);
      return isDone;
    },
  };
}
