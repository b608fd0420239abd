import type { IncomingMessage } from 'node:http';

/**
 * The name of a signed cookie, as those of sessions are, that a request brings more than once: `undefined` if there is
 * none. Browsers keep one for each path and domain.
 */
export function repeatedCookie(req: IncomingMessage): string | undefined {
  const names = new Set<string>();
  for (const [, name] of (req.headers.cookie ?? '').matchAll(/(?:^|;)\s*([^=;\s]+)\s*=\s*"?s(?:%3A|:)/gi)) {
    if (names.has(name as string)) return name;
    names.add(name as string);
  }
  return undefined;
}
