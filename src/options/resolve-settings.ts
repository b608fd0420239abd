import type { ActivityLedger } from '../ledger/activity-ledger.js';
import { MemoryLedger } from '../ledger/memory/memory-ledger.js';
import { touchIntervalFor } from '../policy/limits.js';
import { completed, isRecord, namesIn, readOnce, withoutUndefined } from './declarations.js';
import { draftSettings } from './drafts.js';
import { milliseconds } from './duration.js';
import { limitsForSession } from './limits-for.js';
import { limitsOf } from './limits.js';
import { describeDeviceOf, maxSessionsOf } from './people-settings.js';
import { passiveRouteMatcher } from './passive-route.js';
import { atOnce, SessionTimeoutOptionsError } from './session-timeout-options.error.js';
import { ExtraDeclarations, type SessionTimeoutExtras } from './session-timeout.extras.js';
import {
  englishMessages,
  OptionDeclarations,
  type SessionTimeoutOptions,
  type SessionTimeoutOptionsFactory,
} from './session-timeout.options.js';
import type { ReturnedLimits, Settings } from './settings.js';
import { shown } from './shown.js';
import { problemsOf, wrongKind } from './validate-options.js';

/**
 * Reads the options of `forRoot()` before Nest does. Nest would treat a value that is not an object as no options.
 *
 * @throws SessionTimeoutOptionsError if they are not an object with named fields
 */
export function readOptions<T extends SessionTimeoutOptions & SessionTimeoutExtras>(source: T): T {
  const problem = wrongKind(source);
  if (problem !== undefined) throw new SessionTimeoutOptionsError([problem]);
  return readOnce(source, OptionDeclarations, ExtraDeclarations);
}

/**
 * Checks the options of `forRootAsync()`: an application in JavaScript has no type checks.
 *
 * @throws TypeError if there is no source of options, or if options stand next to it, where they would have no effect
 */
export function assertAsyncOptions(given: unknown): void {
  const options = isRecord(given) ? given : {};
  const { useFactory, useClass, useExisting } = options;
  if (!useFactory && !useClass && !useExisting) {
    throw new TypeError('SessionTimeoutModule.forRootAsync() needs one of useFactory, useClass and useExisting.');
  }
  if (useFactory && typeof useFactory !== 'function') {
    throw new TypeError(
      `SessionTimeoutModule.forRootAsync(): useFactory must be a function, but is ${shown(useFactory)}.`,
    );
  }
  if (useClass && typeof useClass !== 'function') {
    throw new TypeError(`SessionTimeoutModule.forRootAsync(): useClass must be a class, but is ${shown(useClass)}.`);
  }
  const misplaced = namesIn(OptionDeclarations).filter((name) => options[name] !== undefined);
  if (misplaced.length > 0) {
    throw new TypeError(`SessionTimeoutModule.forRootAsync(): the factory has to return ${misplaced.join(', ')}.`);
  }
}

/**
 * Returns the options from what `useClass` or `useExisting` of `forRootAsync()` names.
 *
 * @throws TypeError if it has no method for this
 */
export function createdOptions(
  factory: SessionTimeoutOptionsFactory,
): ReturnType<SessionTimeoutOptionsFactory['createSessionTimeoutOptions']> {
  if (typeof (factory as Partial<SessionTimeoutOptionsFactory>).createSessionTimeoutOptions !== 'function') {
    throw new TypeError(
      `SessionTimeoutModule.forRootAsync(): ${shown(factory)} of useClass or useExisting has to have the method ` +
        'createSessionTimeoutOptions(), which returns the options.',
    );
  }
  return factory.createSessionTimeoutOptions();
}

/**
 * Checks the options and completes them with their defaults.
 *
 * @throws SessionTimeoutOptionsError that lists everything that is wrong
 */
export function resolveSettings(source: SessionTimeoutOptions, extras: SessionTimeoutExtras = {}): Settings {
  const given = readOnce(source, OptionDeclarations);
  const problems = problemsOf(given, extras);
  if (problems.length > 0) throw new SessionTimeoutOptionsError(problems);

  const options = completed(OptionDeclarations, given);
  const { touchInterval, identify, limitsFor, redirectTo, authenticatedAt, reauthenticateAt, clock } = options;
  const { ledger = new MemoryLedger({ clock }) } = options;
  const limits = limitsOf(given);
  const returnedLimits: ReturnedLimits[] = [];
  const passive = options.passiveRoutes.map(passiveRouteMatcher);

  return {
    ...options,
    path: completed(ExtraDeclarations, extras).path.replace(/^\/+|\/+$/g, ''),
    limits,
    writtenLimits: { idleTimeout: given.idleTimeout, absoluteTimeout: given.absoluteTimeout },
    returnedLimits,
    touchInterval: touchInterval === undefined ? touchIntervalFor(limits.idleTimeout) : milliseconds(touchInterval),
    identify: identify && ((session) => userId(atOnce('identify', 'the id of the user', identify(session)))),
    limitsVary: limitsFor !== undefined,
    limitsFor: limitsForSession(options, limits, returnedLimits),
    isPassiveRoute: passive.length > 0 ? (req, path) => passive.some((matches) => matches(req, path)) : undefined,
    redirectTo: urlOf('redirectTo', redirectTo),
    loginPath: typeof redirectTo === 'string' ? redirectTo : undefined,
    maxSessions: maxSessionsOf(options),
    maxSessionsInForce: typeof options.maxSessions === 'function' ? 'varies' : options.maxSessions,
    describeDevice: describeDeviceOf(options),
    authenticatedAt: authenticatedAt && ((session) => atOnce('authenticatedAt', 'a date', authenticatedAt(session))),
    reauthenticateAt: urlOf('reauthenticateAt', reauthenticateAt),
    messages: { ...englishMessages, ...withoutUndefined(options.messages) },
    ledger,
    unknownSessions: options.unknownSessions ?? (ledger.shared ? 'expire' : 'adopt'),
    ledgerTimeout: milliseconds(options.ledgerTimeout),
    sweepInterval: sweepIntervalOf(options, ledger),
    drafts: draftSettings(options.drafts),
  };
}

/** Returns a function that returns a URL, or nothing. */
function urlOf<Given extends unknown[]>(
  option: string,
  url: string | ((...given: Given) => string | null | undefined) | undefined,
) {
  if (typeof url !== 'function') return url === undefined ? undefined : () => url;
  return (...given: Given) => atOnce(option, 'a URL', url(...given));
}

/** The sweep is off in report mode, because no session may end, and with a ledger that cannot find sessions. */
function sweepIntervalOf({ sweepInterval, mode }: OptionDeclarations, ledger: ActivityLedger): number | false {
  const isOff = sweepInterval === false || mode === 'report' || !ledger.users;
  return isOff ? false : milliseconds(sweepInterval);
}

/**
 * Returns the id of a user as a ledger can store it. Returns `undefined` if there is none: `null` and empty text count
 * as none.
 *
 * @throws TypeError if `identify` returned something else, such as a user object
 */
function userId(given: unknown): string | undefined {
  if (given === undefined || given === null || given === '') return undefined;
  if (typeof given === 'string') return given;
  if (isNumber(given)) return String(given);
  const kind = Number.isNaN(given) ? 'NaN' : `of the type ${typeof given}`;
  throw new TypeError(`identify has to return the id of the user as text, or undefined; what it returned is ${kind}.`);
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isNaN(value));
}
