import type { Request } from 'express';
import { chain } from '../base/maybe-promise.js';
import type { SessionDevice } from '../policy/session-device.js';
import { isMaxSessions } from './checks.js';
import { isRecord } from './declarations.js';
import { atOnce, SessionTimeoutOptionsError } from './session-timeout-options.error.js';
import type { OptionDeclarations } from './session-timeout.options.js';
import type { Settings } from './settings.js';
import { shown } from './shown.js';

/** Returns a function that returns how many sessions a user may have; `undefined` if there is no limit at all. */
export function maxSessionsOf({ maxSessions }: OptionDeclarations): Settings['maxSessions'] {
  if (maxSessions === false) return undefined;
  if (typeof maxSessions === 'number') return () => maxSessions;
  return (req, user) => chain(maxSessions(req, user), usableMax);
}

/** @throws SessionTimeoutOptionsError if the application's function returned something invalid */
function usableMax(max: unknown): number | false {
  if (isMaxSessions(max)) return max;
  throw new SessionTimeoutOptionsError([
    `maxSessions: must return a whole number from 1, or false, but returned ${shown(max)}`,
  ]);
}

/** The longest text about a device. A browser can send any text as its name. */
const LONGEST = 100;
const KINDS: ReadonlySet<unknown> = new Set(['desktop', 'mobile', 'tablet', 'other']);

/** Returns a function that returns what is stored about a device; `undefined` if nothing is stored. */
export function describeDeviceOf({ describeDevice }: OptionDeclarations): Settings['describeDevice'] {
  return (
    describeDevice && ((req: Request) => usableDevice(atOnce('describeDevice', 'the description', describeDevice(req))))
  );
}

function usableDevice(given: unknown): SessionDevice | undefined {
  if (!isRecord(given)) return undefined;
  const { kind } = given;
  const texts = (['browser', 'system', 'address'] as const).flatMap((name) => {
    const text = shortText(given[name]);
    return text === undefined ? [] : [[name, text] as const];
  });
  const device = { ...Object.fromEntries(texts), ...(KINDS.has(kind) ? { kind } : {}) };
  return Object.keys(device).length > 0 ? (device as SessionDevice) : undefined;
}

/** Returns a short text without control characters, lone surrogates and characters that change the direction of writing. */
function shortText(given: unknown): string | undefined {
  if (typeof given !== 'string') return undefined;
  const text = given
    .slice(0, LONGEST)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '')
    .trim();
  return text === '' ? undefined : text;
}
