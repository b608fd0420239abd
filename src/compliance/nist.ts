import { DAY, HOUR, MINUTE } from '../policy/time.js';
import { within } from './limits-met.js';
import type { Requirement } from './requirement.js';

const NIST = 'NIST SP 800-63B-4';

/** What NIST SP 800-63B-4 asks of sessions. */
export const nist: readonly Requirement[] = [
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
];
