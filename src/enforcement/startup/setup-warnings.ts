import ms from 'ms';
import cluster from 'node:cluster';
import { monotonicClock } from '../../base/clock.js';
import type { SessionSetup } from '../../express-session/session-content.js';
import { extendsTenTimes, type Limits, warnsLongEnough } from '../../policy/limits.js';
import type { SessionLimits } from '../../options/session-limits.js';
import type { Settings } from '../../options/settings.js';
import { SECOND } from '../../policy/time.js';

const LEDGER_IN_MEMORY =
  'The session ledger is in memory: it is lost at a restart and not seen by other instances. ' +
  'If there is more than one instance, set the option "ledger" to a shared one.';

/** Warns about options that are valid but doubtful. Each warning says what to do. */
export function settingsWarnings(settings: Settings): string[] {
  const { ledger, clock } = settings;
  const { idleTimeout, absoluteTimeout, warnBefore } = settings.limits;
  const warnings = secondsWarnings(settings.writtenLimits);
  if (!ledger.shared && severalOrProduction()) {
    warnings.push(LEDGER_IN_MEMORY);
  }
  if (ledger.shared && clock !== monotonicClock && ledger.clock !== undefined && ledger.clock !== clock) {
    warnings.push(
      'The option "clock" moves no limit, because the ledger uses a clock of its own. Use it with a ledger in memory.',
    );
  }
  if (idleTimeout !== false && absoluteTimeout !== false && idleTimeout > absoluteTimeout) {
    warnings.push('idleTimeout is longer than absoluteTimeout and has no effect. Make it shorter, or set it to false.');
  }
  if (!warnsLongEnough(settings.limits)) {
    warnings.push(
      `Users are warned ${warnBefore / SECOND} s before the end; WCAG 2.2 (2.2.1) asks for at least 20 s. ` +
        'Set "warnBefore" to "20s" or more, and the limits to at least twice that.',
    );
  }
  if (!extendsTenTimes(settings.limits)) {
    warnings.push(
      'Users cannot extend the session ten times, as WCAG 2.2 (2.2.1) asks: absoluteTimeout is less than ten times ' +
        'idleTimeout. Make absoluteTimeout longer or idleTimeout shorter, unless the limit is essential.',
    );
  }
  return warnings;
}

/**
 * Warns about limits that look like seconds: a number under a minute. Text without a unit is a number, too, for example
 * from an environment variable.
 *
 * @param by the function that has returned the limits, if one has
 */
export function secondsWarnings({ idleTimeout, absoluteTimeout }: SessionLimits, by = ''): string[] {
  return Object.entries({ idleTimeout, absoluteTimeout }).flatMap(([name, written]) => {
    const value = written === false ? NaN : Number(written);
    if (!(value < 60 * SECOND)) return [];
    return [`${by}${name}: ${secondsMeant(value)}, write ${name}: '${ms(value * SECOND)}'.`];
  });
}

/** Warns about a maximum age for `@RequireFreshAuth()` that looks like seconds: nobody can authenticate so fast. */
export function maxAgeWarnings(maxAge: number): string[] {
  if (maxAge >= SECOND) return [];
  return [`@RequireFreshAuth(${maxAge}): ${secondsMeant(maxAge)}, write @RequireFreshAuth('${ms(maxAge * SECOND)}').`];
}

/** The beginning of a warning about a number that looks like seconds. */
const secondsMeant = (value: number) =>
  `${value} means ${value / SECOND} s, because numbers are milliseconds. If you mean ${value} seconds`;

/** Warns about doubtful settings of express-session. Each warning says what to do. */
export function sessionWarnings(
  { hasMemoryStore, maxAge, sameSite, secure }: SessionSetup,
  settings: Settings,
): string[] {
  const warnings: string[] = [];
  if (hasMemoryStore && severalOrProduction()) {
    warnings.push(
      "express-session's MemoryStore loses all sessions at a restart, leaks memory and is not shared. " +
        'Set session({ store }) to a persistent store, such as connect-redis.',
    );
  }
  // Instances that share a store have to share the ledger. At startup, the store is not known.
  if (!hasMemoryStore && !settings.ledger.shared && !severalOrProduction() && process.env['NODE_ENV'] !== 'test') {
    warnings.push(LEDGER_IN_MEMORY);
  }
  const { idleTimeout } = settings.limits;
  if (typeof maxAge === 'number' && idleTimeout !== false && maxAge < idleTimeout) {
    warnings.push(
      `The session cookie lives for ${maxAge / SECOND} s, less than idleTimeout: browsers drop it while the user is ` +
        'active. Leave out session({ cookie: { maxAge } }), or make it at least as long as absoluteTimeout.',
    );
  }
  if (sameSite === 'none' && !secure) {
    warnings.push(
      'The session cookie has SameSite=None without Secure, so browsers reject it. Set cookie.secure to true.',
    );
  }
  return warnings;
}

/** Warns about a cookie that does not last as long as the session of an active user. */
export function lifetimeWarnings({ maxAge }: Pick<SessionSetup, 'maxAge'>, limits: Limits): string[] {
  const { idleTimeout, absoluteTimeout } = limits;
  if (typeof maxAge !== 'number' || maxAge >= (absoluteTimeout || Infinity) || maxAge < (idleTimeout || 0)) return [];
  const less = absoluteTimeout === false ? '' : ', less than absoluteTimeout';
  return [
    `The session cookie lives for ${maxAge / SECOND} s from sign-in${less}, and express-session does not renew it: ` +
      'browsers drop it while the user is active. Set session({ rolling: true }), or leave out cookie.maxAge.',
  ];
}

/** Warns about a session cookie that browsers do not send to the ping. Browsers compare whole parts of a path. */
export function cookiePathWarnings(path: string | undefined, pingPath: string | undefined): string[] {
  if (!path || !pingPath || pingPath.startsWith(path.endsWith('/') ? path : `${path}/`)) return [];
  return [
    `The session cookie is for the path "${path}", so browsers do not send it to ${pingPath}, ` +
      'where pages ask for the session status. Leave out session({ cookie: { path } }), or set "path" of the module so that its routes are ' +
      'below that path.',
  ];
}

/** Warns about a user whom passport keeps in a session, but whom `identify` does not find. */
export function missedUserWarnings(): string[] {
  return [
    'passport keeps a user in a session (session.passport.user), but identify finds no user in the session, so it has no limits. ' +
      'Return what your sign-in stores, such as session.passport?.user.',
  ];
}

/** Warns about two cookies with the same name. */
export function repeatedCookieWarnings(name: string): string[] {
  return [
    `A browser sends two cookies called "${name}", and express-session reads only the first: users may be sent to the ` +
      'login page again and again. One of them was set with another path or domain. Give the cookie a new name with ' +
      'session({ name }), or clear the one with the other path or domain.',
  ];
}

/** Warns if the session cookie has another name than the option `cookieName` says. */
export function cookieNameWarnings(found: string, { cookieName }: Settings): string[] {
  if (found === cookieName) return [];
  return [
    `The session cookie is called "${found}", not "${cookieName}". Set the option "cookieName" to "${found}": ` +
      'until then, the cookie of an ended session is not cleared.',
  ];
}

function severalOrProduction(): boolean {
  return process.env['NODE_ENV'] === 'production' || cluster.isWorker;
}
