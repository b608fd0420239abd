import type { IncomingMessage } from 'node:http';

/**
 * Returns the name of a signed cookie that a request contains more than once; `undefined` if there is none. Session
 * cookies are signed, and browsers keep one for each path and domain.
 *
 * @param isMeant whether it is about the cookies with this name; default: about all
 */
export function repeatedCookie(req: IncomingMessage, isMeant = (_name: string) => true): string | undefined {
  const names = new Set<string>();
  for (const [, found] of (req.headers.cookie ?? '').matchAll(/(?:^|;)\s*([^=;\s]+)\s*=\s*"?s(?:%3A|:)/gi)) {
    const name = found as string;
    if (names.has(name) && isMeant(name)) return name;
    names.add(name);
  }
  return undefined;
}
