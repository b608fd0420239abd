import { asvsAccounts } from './asvs-accounts.js';
import { asvsLogging } from './asvs-logging.js';
import { asvsSessions } from './asvs-sessions.js';
import { asvsSockets } from './asvs-sockets.js';
import { nist } from './nist.js';
import { pciDss } from './pci-dss.js';
import type { Requirement } from './requirement.js';
import { wcag } from './wcag.js';

/** The number of a requirement comes first in its id. */
const inOrder = (some: Requirement, other: Requirement) => some.id.localeCompare(other.id, 'en', { numeric: true });

/** Every requirement that this package helps to meet. docs/standards.md names the tests for each. */
export const requirements: readonly Requirement[] = [
  ...[...asvsSessions, ...asvsSockets, ...asvsAccounts, ...asvsLogging].toSorted(inOrder),
  ...nist,
  ...pciDss,
  ...wcag,
];
