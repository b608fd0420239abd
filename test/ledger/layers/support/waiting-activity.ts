import type { Activity } from '../../../../src/ledger/activity-ledger.js';
import { DAY, SECOND } from '../../../support/time.js';

/** How long activity may wait. */
export const WITHIN = SECOND;

/** Activity of one session. */
export const active = (key: string, idleFor = 0, within = WITHIN): Activity[] => [
  { key, idleFor, keepFor: DAY, within },
];
