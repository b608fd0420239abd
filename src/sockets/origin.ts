import type { Request } from 'express';

/**
 * Whether a page of another host opens a socket (cross-site WebSocket hijacking; OWASP ASVS 5.0, 4.4.2). Browsers send
 * cookies with every handshake, and CORS does not apply to it. Programs other than browsers send no origin.
 */
export function isFromForeignPage(req: Request, allowed: ReadonlySet<string>): boolean {
  const origin = req.headers.origin ?? req.headers['sec-websocket-origin'];
  if (origin === undefined) return req.headers['sec-fetch-site'] === 'cross-site';
  if (allowed.has(String(origin))) return false;
  return !isOfHost(String(origin), req.host);
}

/** `req.host` is the host that the browser has requested. Behind a proxy, Express has to trust the proxy. */
function isOfHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const asked = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(asked) && new URL(asked).host === page.host;
}
