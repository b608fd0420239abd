/** How much is measured. */
export interface Effort {
  /** How many processes to start per variant: two processes of the same program differ by a percent or two. */
  readonly processes: number;
  /** How often the variants take turns, with one process each. */
  readonly rounds: number;
  /** Requests per turn. Few, so that other load on the machine affects all variants equally. */
  readonly requests: number;
  /** Requests before the first turn, for each route. */
  readonly warmUp: number;
  /** How often each variant is put under full load. */
  readonly floods: number;
  /** How many sessions the shared ledgers hold. */
  readonly sessions: number;
  /** How long users send one request per second each. Activity is written twice a minute. */
  readonly seconds: number;
}

/** For figures to publish. */
export const THOROUGH: Effort = {
  processes: 3,
  rounds: 60,
  requests: 500,
  warmUp: 15_000,
  floods: 9,
  sessions: 1_000_000,
  seconds: 90,
};

/** For a quick look: everything takes minutes. */
export const SHORT: Effort = {
  processes: 1,
  rounds: 30,
  requests: 500,
  warmUp: 10_000,
  floods: 3,
  sessions: 100_000,
  seconds: 60,
};

/** To see whether everything works. The times are of no use. */
export const QUICK: Effort = {
  processes: 1,
  rounds: 3,
  requests: 100,
  warmUp: 200,
  floods: 1,
  sessions: 1000,
  seconds: 3,
};
