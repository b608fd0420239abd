import { extendsTenTimes, type Limits, shorterLimit, warnsLongEnough } from '../policy/limits.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The settings that decide which requirements are met. Durations in milliseconds; `false` is a limit that is off. */
export interface PolicyInForce {
  /** With `'report'`, nothing is enforced. */
  readonly mode: 'enforce' | 'report';
  /** The default limits. */
  readonly limits: Limits;
  /** Whether `limitsFor` may set other limits for some sessions. */
  readonly limitsVary: boolean;
  /** Whether `identify` is set. Without it, every session that holds data is tracked. */
  readonly usersAreKnown: boolean;
  /** Whether reports of activity from browsers count. */
  readonly trustClientActivity: boolean;
  /** What happens to a session that has our marker but no record in the ledger. */
  readonly unknownSessions: 'adopt' | 'expire';
  /** Whether all instances share the ledger, and it survives a restart. */
  readonly ledgerIsShared: boolean;
  /** How long the ledger may take to answer. */
  readonly ledgerTimeout: number;
  /** How often activity is written to a shared ledger. */
  readonly touchInterval: number;
  /** Whether what users have typed and not sent is kept for them. */
  readonly keepsDrafts: boolean;
}

/** `depends`: on the application, or on what `limitsFor` returns; `because` says on what. */
export type RequirementState = 'met' | 'not-met' | 'depends';

/** A requirement of a standard that this package helps to meet. */
export interface Requirement {
  readonly standard: string;
  /** Its number and level in the standard. */
  readonly id: string;
  /** What it asks, in short. */
  readonly asks: string;
  /** The options that decide whether it is met. */
  readonly options: readonly string[];
  /** Whether it is met, and why. */
  readonly judge: (policy: PolicyInForce) => readonly [RequirementState, because: string];
}

const ASVS = 'OWASP ASVS 5.0';
const NIST = 'NIST SP 800-63B-4';
const WCAG = 'WCAG 2.2';

/** The answer to both requirements about ending the sessions of other users. */
const REVOCATION = [
  'depends',
  'end(hash) ends any session at once. The application has to record from events$ which sessions a user has.',
] as const;

/** Every requirement that this package helps to meet. docs/standards.md names the tests for each. */
export const requirements: readonly Requirement[] = [
  {
    standard: ASVS,
    id: '3.5.3 (L1)',
    asks: 'Sensitive functions do not use GET, or validate Sec-Fetch-* strictly.',
    options: ['trustClientActivity'],
    judge: ({ trustClientActivity }) => [
      'met',
      trustClientActivity
        ? "Signing out is a POST. The ping, a GET, accepts reports only from the application's own pages."
        : 'Signing out is a POST. The ping, a GET, changes nothing.',
    ],
  },
  {
    standard: ASVS,
    id: '7.1.1 (L2)',
    asks: 'Both limits are documented, with reasons where they differ from NIST.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: () => ['depends', 'This description documents the limits. You have to document the reasons.'],
  },
  {
    standard: ASVS,
    id: '7.2.1 (L1)',
    asks: 'Sessions are verified on the server.',
    options: [],
    judge: () => ['met', 'Each request is judged on the server, before any other code of the application sees it.'],
  },
  {
    standard: ASVS,
    id: '7.2.4 (L1)',
    asks: 'Each authentication and re-authentication gives a new session id and ends the old one.',
    options: ['identify'],
    judge: ({ usersAreKnown }) => [
      'depends',
      usersAreKnown
        ? 'When the user of a session changes, the session gets a new id. If the same user authenticates again, call renew(req).'
        : 'Call renew(req) or req.session.regenerate() when somebody authenticates: without identify, the module does not notice it.',
    ],
  },
  {
    standard: ASVS,
    id: '7.3.1 (L2)',
    asks: 'Sessions have an idle limit.',
    options: ['idleTimeout'],
    judge: ({ limits }) => isOn('idleTimeout', limits.idleTimeout),
  },
  {
    standard: ASVS,
    id: '7.3.2 (L2)',
    asks: 'Sessions have an absolute limit.',
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
        ? ['met', 'Every instance refuses an ended session, and no late request revives it.']
        : ['depends', 'This holds for one instance of the application. Several instances need a shared ledger.'],
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
    asks: 'Administrators can end the sessions of one user or of all users.',
    options: ['identify'],
    judge: () => REVOCATION,
  },
  {
    standard: NIST,
    id: '2.1.3 (AAL1)',
    asks: 'An absolute limit, which should be at most 30 days.',
    options: ['absoluteTimeout'],
    judge: ({ limits }) => within(limits, 30 * DAY, Infinity),
  },
  {
    standard: NIST,
    id: '2.2.3 (AAL2)',
    asks: 'An absolute limit, which should be at most 24 hours, and an idle limit, which should be at most 1 hour.',
    options: ['absoluteTimeout', 'idleTimeout'],
    judge: ({ limits }) => within(limits, 24 * HOUR, HOUR),
  },
  {
    standard: NIST,
    id: '2.3.3 (AAL3)',
    asks: 'An absolute limit of at most 12 hours, and an idle limit, which should be at most 15 minutes.',
    options: ['absoluteTimeout', 'idleTimeout'],
    judge: ({ limits }) => within(limits, 12 * HOUR, 15 * MINUTE),
  },
  {
    standard: NIST,
    id: '5.1.1',
    asks: 'The limits do not rely on the expiry of cookies.',
    options: ['ledger'],
    judge: () => ['met', 'The server judges the limits with the ledger. A cookie that outlives them gives no access.'],
  },
  {
    standard: NIST,
    id: '5.2',
    asks: 'The session ends at either limit. Activity resets the idle limit, re-authentication both.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: () => [
      'depends',
      'The session ends, and activity resets the idle limit. After re-authentication, call renew(req).',
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
    asks: 'A warning, and at least 20 seconds to extend the session by a simple action, at least ten times.',
    options: ['warnBefore', 'idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) => timing(limits),
  },
  {
    standard: WCAG,
    id: '2.2.5 (AAA)',
    asks: 'After re-authentication, users can go on without loss of data.',
    options: ['redirectTo', 'drafts'],
    judge: ({ keepsDrafts }) => [
      'depends',
      keepsDrafts
        ? 'The way back to the page is kept (returnTo), and so are drafts of what was typed. The pages have to keep the rest.'
        : 'The way back to the page is kept (returnTo). The pages have to keep what was typed.',
    ],
  },
  {
    standard: WCAG,
    id: '2.2.6 (AAA)',
    asks: 'Users are told how long inactivity may last before data is lost, unless data is kept for over 20 hours.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) =>
      shorterLimit(limits) > 20 * HOUR
        ? ['met', 'No session ends within 20 hours without activity.']
        : ['depends', 'State the idle limit on pages with forms; the session status contains it.'],
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
  if (!extendsTenTimes(limits))
    return ['not-met', 'absoluteTimeout is reached before users can extend the session ten times.'];
  const { absoluteTimeout } = limits;
  const fixed = absoluteTimeout !== false && absoluteTimeout <= 20 * HOUR;
  return [
    'depends',
    `Pages have to load the browser client, or to warn users themselves.${
      fixed ? ' The absolute limit cannot be extended: this needs the exception for essential limits.' : ''
    }`,
  ];
}

function shown(limit: number | false): string {
  return limit === false ? 'off' : `${Math.round((limit / MINUTE) * 100) / 100} min`;
}
