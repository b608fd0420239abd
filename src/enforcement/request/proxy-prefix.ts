import type { Request } from 'express';
import { isSitePath } from '../../wire/return-path.js';
import { requestedUrl } from './requested-url.js';

type Trusts = (address: string | undefined, hop: number) => boolean;

/**
 * The path prefix that proxies have stripped from a request (`X-Forwarded-Prefix`), without a slash at the end; `''` if
 * there is none. Anybody can send the header, so it counts only if Express trusts the proxy (`trust proxy`).
 */
export function proxyPrefix(req: Request): string {
  const header = req.headers['x-forwarded-prefix'];
  if (header === undefined) return '';
  const trusts = req.app?.get('trust proxy fn') as Trusts | undefined;
  if (!trusts?.(req.socket.remoteAddress, 0)) return '';
  // Each proxy adds the prefix that it has stripped. The first proxy is the one that the browser asks.
  const prefix = String(header)
    .split(',')
    .map((part) => part.trim().replace(/\/+$/, ''))
    .join('');
  return isSitePath(prefix) && !/[?#]/.test(prefix) ? prefix : '';
}

/** The path and the query as the browser has them. */
export function browserUrl(req: Request): string {
  return proxyPrefix(req) + requestedUrl(req);
}

/** Puts the prefix before a path of the application, unless the path already has it. */
export function withProxyPrefix(url: string, req: Request): string {
  const prefix = proxyPrefix(req);
  if (prefix === '' || !isSitePath(url)) return url;
  const isThere = url.startsWith(prefix) && /^([/?#]|$)/.test(url.slice(prefix.length));
  return isThere ? url : prefix + url;
}
