import { MINUTE } from '../policy/time.js';
import { within } from './limits-met.js';
import type { Requirement } from './requirement.js';

/** What PCI DSS v4.0.1 asks of sessions. */
export const pciDss: readonly Requirement[] = [
  {
    standard: 'PCI DSS v4.0.1',
    id: '8.2.8',
    asks: 'Authenticate again after more than 15 minutes without activity.',
    options: ['idleTimeout'],
    judge: ({ limits }) => within(limits, Infinity, 15 * MINUTE),
  },
];
