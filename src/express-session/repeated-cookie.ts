import type { IncomingMessage } from 'node:http';

/**
 * Returns the name of a signed cookie that a request contains more than once; `undefined` if there is none. Session
 * cookies are signed, and browsers keep one for each path and domain.
 */
export function repeatedCookie(req: IncomingMessage): string | undefined {
  const names = new Set<string>();
  for (const [, name] of (req.headers.cookie ?? '').matchAll(/(?:^|;)\s*([^=;\s]+)\s*=\s*"?s(?:%3A|:)/gi)) {
    if (names.has(name as string)) return name;
    names.add(name as string);
  }
  return undefined;
}
