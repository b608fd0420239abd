import type { Request } from 'express';
import type { SessionDevice } from '../policy/session-device.js';

/** A browser calls itself by several names. The first that is found here counts. */
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

/** Longer headers come from no browser. */
const LONGEST = 1024;

/**
 * Tells browser, system and kind of the device that makes a request, for the option `describeDevice`: enough for users to
 * recognise their own devices, and no more. The names are those of a short list. Neither the header that the browser
 * sent, nor a version, nor the network address is part of it, so nothing that a client makes up is stored.
 *
 * @returns `undefined` if the request does not tell what it comes from
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
