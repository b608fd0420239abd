/** How much is measured. */
export interface Effort {
  /** How often each variant is started anew: two processes of the same program differ by a percent or two. */
  readonly processes: number;
  /** How often the variants take turns in one process each. */
  readonly rounds: number;
  /** Requests per turn: few, so that all variants get the same of what else happens on the machine. */
  readonly requests: number;
  /** Requests before the first turn, for each route. */
  readonly warmUp: number;
  /** How often each variant is put under full load. */
  readonly floods: number;
  /** How many sessions the shared ledgers hold. */
  readonly sessions: number;
}

/** For figures that are to be written down. */
export const THOROUGH: Effort = {
  processes: 3,
  rounds: 60,
  requests: 500,
  warmUp: 15_000,
  floods: 9,
  sessions: 1_000_000,
};

/** For a look: minutes for everything. */
export const SHORT: Effort = { processes: 1, rounds: 30, requests: 500, warmUp: 10_000, floods: 3, sessions: 100_000 };
