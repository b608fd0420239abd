const HERE = 'http://here.invalid';

/**
 * Where to go after signing in: `value` if it is a path on this site, else the dashboard. It is read
 * the way a browser would read it, for which `//elsewhere`, `/\elsewhere` and `/<tab>/elsewhere` are
 * other sites.
 */
export function returnPath(value: unknown): string {
  if (typeof value !== 'string' || !value.startsWith('/') || !URL.canParse(value, HERE)) return '/';
  return new URL(value, HERE).origin === HERE ? value : '/';
}
