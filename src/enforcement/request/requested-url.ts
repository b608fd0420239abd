import type { Request } from 'express';

/**
 * The path and the query that the client asked for, with any prefix that a router has removed. A client may also send a
 * complete URL (`GET http://host/feed HTTP/1.1`, RFC 9112, section 3.2.2), which Express routes by its path.
 */
export function requestedUrl(req: Request): string {
  // A request that Express has not seen has only `url`.
  const { originalUrl = req.url } = req;
  if (originalUrl.startsWith('/')) return originalUrl;
  const path = originalUrl.replace(/^[a-z][\w+.-]*:[\\/]{2}[^\\/?#]*/i, '');
  return path.startsWith('/') ? path : `/${path.replace(/^\\/, '')}`;
}

/** The path that the client asked for, without the query. */
export function requestedPath(req: Request): string {
  const url = requestedUrl(req);
  // Express leaves a fragment out, too, although no browser sends one.
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
