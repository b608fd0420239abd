import type { Limits } from '../../policy/limits.js';

/** The user of a session, and its limits. */
export interface Subject {
  readonly user: string | undefined;
  readonly limits: Limits;
}
