import { extendsTenTimes, type Limits, shorterLimit, warnsLongEnough } from '../policy/limits.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The settings that decide which requirements are met. Durations in milliseconds; `false` is a limit that is off. */
export interface PolicyInForce {
  /** The limits for everybody. */
  readonly limits: Limits;
  /** Whether `limitsFor` may set others for some sessions. */
  readonly limitsVary: boolean;
  /** Whether `identify` says whose a session is; without it every session that holds data is tracked. */
  readonly usersAreKnown: boolean;
  /** Whether browsers' reports of activity count. */
  readonly trustClientActivity: boolean;
  /** What becomes of a session that carries our marker but has no record. */
  readonly unknownSessions: 'adopt' | 'expire';
  /** Whether all instances see the ledger and it survives a restart. */
  readonly ledgerIsShared: boolean;
  /** How long the ledger may take to answer. */
  readonly ledgerTimeout: number;
  /** How often activity is written to a shared ledger. */
  readonly touchInterval: number;
}

/** `depends`: on what the application does, or on what `limitsFor` says; `because` tells which. */
export type RequirementState = 'met' | 'not-met' | 'depends';

/** A requirement of a standard that this package has a part in. */
export interface Requirement {
  readonly standard: string;
  /** Its number there, with its level. */
  readonly id: string;
  /** What it asks, in short. */
  readonly asks: string;
  /** The options that decide. */
  readonly options: readonly string[];
  /** How it stands, and why. */
  readonly judge: (policy: PolicyInForce) => readonly [RequirementState, because: string];
}

const ASVS = 'OWASP ASVS 5.0';
const NIST = 'NIST SP 800-63B-4';
const WCAG = 'WCAG 2.2';

/** How it stands with ending the sessions of users. */
const REVOCATION = [
  'depends',
  'end(hash) ends any session at once. Which are whose, the application keeps from events$.',
] as const;

/** Every requirement that this package has a part in. docs/standards.md names the tests that show each. */
export const requirements: readonly Requirement[] = [
  {
    standard: ASVS,
    id: '3.5.3 (L1)',
    asks: 'Nothing sensitive on GET, or strict validation of Sec-Fetch-*.',
    options: ['trustClientActivity'],
    judge: ({ trustClientActivity }) => [
      'met',
      trustClientActivity
        ? "Signing out is a POST. The ping, a GET, takes a report in only from the application's own pages."
        : 'Signing out is a POST, and the ping, a GET, changes nothing.',
    ],
  },
  {
    standard: ASVS,
    id: '7.1.1 (L2)',
    asks: 'Both periods are documented, with the reasons for what differs from NIST.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: () => ['depends', 'This description documents the periods; the reasons are yours to write down.'],
  },
  {
    standard: ASVS,
    id: '7.2.1 (L1)',
    asks: 'Sessions are verified on the server.',
    options: [],
    judge: () => ['met', 'Each request is judged on the server, before anything else of the application sees it.'],
  },
  {
    standard: ASVS,
    id: '7.2.4 (L1)',
    asks: 'A new session id whenever somebody authenticates, also again; the old one ends.',
    options: ['identify'],
    judge: ({ usersAreKnown }) => [
      'depends',
      usersAreKnown
        ? 'Another user never keeps the id of a session: it moves. After the same user has authenticated again, call renew(req).'
        : 'Call renew(req) or req.session.regenerate() when somebody authenticates: without identify it is not noticed.',
    ],
  },
  {
    standard: ASVS,
    id: '7.3.1 (L2)',
    asks: 'A limit to inactivity.',
    options: ['idleTimeout'],
    judge: ({ limits }) => isOn('idleTimeout', limits.idleTimeout),
  },
  {
    standard: ASVS,
    id: '7.3.2 (L2)',
    asks: 'A limit to the whole session.',
    options: ['absoluteTimeout'],
    judge: ({ limits }) => isOn('absoluteTimeout', limits.absoluteTimeout),
  },
  {
    standard: ASVS,
    id: '7.4.1 (L1)',
    asks: 'After sign-out and expiry the session cannot be used again.',
    options: ['ledger', 'unknownSessions'],
    judge: ({ ledgerIsShared }) =>
      ledgerIsShared
        ? ['met', 'What has ended is refused by every instance, and no late request brings it back.']
        : ['depends', 'It holds for one instance of the application; several need a shared ledger.'],
  },
  {
    standard: ASVS,
    id: '7.4.2 (L1)',
    asks: "All of a user's sessions end when the account is disabled or deleted.",
    options: ['identify'],
    judge: () => REVOCATION,
  },
  {
    standard: ASVS,
    id: '7.4.5 (L2)',
    asks: 'Administrators can end the sessions of one user or of all.',
    options: ['identify'],
    judge: () => REVOCATION,
  },
  {
    standard: NIST,
    id: '2.1.3 (AAL1)',
    asks: 'A limit to the whole session, which should be at most 30 days.',
    options: ['absoluteTimeout'],
    judge: ({ limits }) => within(limits, 30 * DAY, Infinity),
  },
  {
    standard: NIST,
    id: '2.2.3 (AAL2)',
    asks: 'A limit to the whole session, which should be at most 24 hours, and to inactivity, at most 1 hour.',
    options: ['absoluteTimeout', 'idleTimeout'],
    judge: ({ limits }) => within(limits, 24 * HOUR, HOUR),
  },
  {
    standard: NIST,
    id: '2.3.3 (AAL3)',
    asks: 'The whole session at most 12 hours; inactivity should be at most 15 minutes.',
    options: ['absoluteTimeout', 'idleTimeout'],
    judge: ({ limits }) => within(limits, 12 * HOUR, 15 * MINUTE),
  },
  {
    standard: NIST,
    id: '5.1.1',
    asks: 'The expiry of cookies is not what enforces the limits.',
    options: ['ledger'],
    judge: () => ['met', 'Limits are judged by the ledger; a cookie that lives on opens nothing.'],
  },
  {
    standard: NIST,
    id: '5.2',
    asks: 'At either limit the session ends; activity resets the first, authenticating again both.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: () => [
      'depends',
      'It ends, and activity resets the idle limit. After authenticating again call renew(req).',
    ],
  },
  {
    standard: 'PCI DSS v4.0.1',
    id: '8.2.8',
    asks: 'Authenticate again after more than 15 minutes without activity.',
    options: ['idleTimeout'],
    judge: ({ limits }) => within(limits, Infinity, 15 * MINUTE),
  },
  {
    standard: WCAG,
    id: '2.2.1 (A)',
    asks: 'A warning, at least 20 seconds to put the end off by a simple action, and at least ten times.',
    options: ['warnBefore', 'idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) => timing(limits),
  },
  {
    standard: WCAG,
    id: '2.2.5 (AAA)',
    asks: 'After authenticating again, go on without loss of data.',
    options: ['redirectTo'],
    judge: () => ['depends', 'The way back to the page is kept (returnTo). Keeping what was typed is up to the pages.'],
  },
  {
    standard: WCAG,
    id: '2.2.6 (AAA)',
    asks: 'Users are told how long inactivity may last before data is lost, unless it is kept for over 20 hours.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) =>
      shorterLimit(limits) > 20 * HOUR
        ? ['met', 'No session ends within 20 hours without activity.']
        : ['depends', 'Tell the idle limit on pages with forms; the session status holds it.'],
  },
];

function isOn(name: string, limit: number | false): readonly [RequirementState, string] {
  return [limit === false ? 'not-met' : 'met', `${name} is ${shown(limit)}.`];
}

function within(limits: Limits, longest: number, longestIdle: number): readonly [RequirementState, string] {
  const { absoluteTimeout, idleTimeout } = limits;
  const isShort = longest === Infinity || (absoluteTimeout !== false && absoluteTimeout <= longest);
  const met = isShort && shorterLimit(limits) <= longestIdle;
  return [
    met ? 'met' : 'not-met',
    `absoluteTimeout is ${shown(absoluteTimeout)}, idleTimeout is ${shown(idleTimeout)}.`,
  ];
}

function timing(limits: Limits): readonly [RequirementState, string] {
  if (!warnsLongEnough(limits)) return ['not-met', `Users are warned ${limits.warnBefore / SECOND} s before the end.`];
  if (!extendsTenTimes(limits)) return ['not-met', 'absoluteTimeout comes before the end can be put off ten times.'];
  const { absoluteTimeout } = limits;
  const fixed = absoluteTimeout !== false && absoluteTimeout <= 20 * HOUR;
  return [
    'depends',
    `Pages have to load the browser client, or to warn by themselves.${
      fixed ? ' The absolute limit cannot be put off: that takes the exception for essential limits.' : ''
    }`,
  ];
}

function shown(limit: number | false): string {
  return limit === false ? 'off' : `${Math.round((limit / MINUTE) * 100) / 100} min`;
}
