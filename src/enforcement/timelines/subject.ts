import type { Limits } from '../../policy/limits.js';

/** Whose session, and what holds for it. */
export interface Subject {
  readonly user: string | undefined;
  readonly limits: Limits;
}
