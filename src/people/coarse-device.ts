import type { Request } from 'express';
import type { SessionDevice } from '../policy/session-device.js';

/** A browser gives itself several names. The first match in this list counts. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(e|A|iOS)?\/|"Microsoft Edge"/],
  ['Opera', /\b(OPR|Opera|OPiOS|OPT)\/|"Opera"/],
  ['Samsung Internet', /\bSamsungBrowser\/|"Samsung Internet"/],
  ['Vivaldi', /\bVivaldi\/|"Vivaldi"/],
  ['Brave', /"Brave"/],
  ['Firefox', /\b(Firefox|FxiOS)\//],
  ['Chrome', /\b(Chrome|CriOS|Chromium)\/|"(Google Chrome|Chromium)"/],
  ['Safari', /\bSafari\//],
];

const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['iPadOS', /\biPad\b/],
  ['iOS', /\b(iPhone|iPod)\b|"iOS"/],
  ['Android', /\bAndroid\b/],
  ['ChromeOS', /\bCrOS\b|"Chrom(e|ium) OS"/],
  ['Windows', /\bWindows\b/],
  ['macOS', /\bMac OS X\b|"macOS"/],
  ['Linux', /\b(Linux|X11)\b/],
];

/** No browser sends longer headers. */
const LONGEST = 1024;

/**
 * Returns the browser, the system and the kind of the device that makes a request, for the option `describeDevice`.
 * This is enough for users to recognise their own devices. All names come from a short list, so no text from a client
 * is stored. Headers, versions and the network address are not part of it.
 *
 * @returns `undefined` if the request does not show what device it comes from
 *
 * @example
 * SessionTimeoutModule.forRoot({ identify: (session) => session.userId, describeDevice: coarseDevice })
 */
export function coarseDevice(req: Pick<Request, 'headers'>): SessionDevice | undefined {
  const agent = header(req, 'user-agent');
  if (agent === '') return undefined;
  // Chromium's own words (client hints) come first: its user agent pretends to be others.
  const browser = nameIn(BROWSERS, header(req, 'sec-ch-ua')) ?? nameIn(BROWSERS, agent);
  const system = nameIn(SYSTEMS, header(req, 'sec-ch-ua-platform')) ?? nameIn(SYSTEMS, agent);
  return { browser, system, kind: kindOf(system, /\bMobi/.test(agent) || header(req, 'sec-ch-ua-mobile') === '?1') };
}

function kindOf(system: string | undefined, isMobile: boolean): SessionDevice['kind'] {
  if (system === 'iPadOS') return 'tablet';
  if (isMobile || system === 'iOS') return 'mobile';
  if (system === 'Android') return 'tablet';
  return system === undefined ? 'other' : 'desktop';
}

function nameIn(list: readonly (readonly [string, RegExp])[], text: string): string | undefined {
  return list.find(([, pattern]) => pattern.test(text))?.[0];
}

function header({ headers }: Pick<Request, 'headers'>, name: string): string {
  return String(headers[name] ?? '').slice(0, LONGEST);
}
