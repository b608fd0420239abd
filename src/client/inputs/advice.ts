import type { Puzzle } from './transport.js';

let first: Puzzle | undefined;

/** Does what {@link advice} does, for pages that load this file only when an answer is odd. */
export function advise(url: string, ...odd: Parameters<Puzzle>): void {
  (first ??= advice(url))(...odd);
}

/**
 * Writes one error to the console if something other than this package answers. The error says what to check.
 *
 * @param url the configured URL of the package's routes
 */
export function advice(url: string): Puzzle {
  const { href, origin } = new URL(url, location.href);
  let told = false;

  function tell(path: string, came: string | number): void {
    if (!told) console.error(`nestjs-session-timeout: ${href}${path} ${came}. Check url, proxy, CSRF.`);
    told = true;
  }

  if (origin !== location.origin) tell('', 'is not of this origin');
  return (path, { status, headers }) => {
    // An overloaded or failing server is not a mistake in the set-up.
    if (status < 500 && status !== 429)
      tell(path, `answered ${status || 'a redirect'} ${headers.get('content-type') ?? ''}`);
  };
}
