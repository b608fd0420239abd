import { parse } from 'node:querystring';
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
  return partsOf(req).path;
}

/**
 * The query that the client asked with. A name that comes several times has a list of texts. The application may set
 * another `query parser`, which would change what `req.query` contains.
 */
export function requestedQuery(req: Request): Readonly<Record<string, unknown>> {
  return parse(partsOf(req).query);
}

function partsOf(req: Request): { readonly path: string; readonly query: string } {
  // Express leaves a fragment out, too, although no browser sends one.
  const [url = ''] = requestedUrl(req).split('#', 1);
  const end = url.indexOf('?');
  return end === -1 ? { path: url, query: '' } : { path: url.slice(0, end), query: url.slice(end + 1) };
}
