import { isOn } from './limits-met.js';
import type { Requirement } from './requirement.js';

const ASVS = 'OWASP ASVS 5.0';

/** What the chapters on web front ends and session management (V3 and V7) of OWASP ASVS 5.0 ask of each session. */
export const asvsSessions: readonly Requirement[] = [
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
];
