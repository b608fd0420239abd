/** The token of the ledger with its layers: bounded, measured, coalescing. */
export const LEDGER = Symbol('nestjs-session-timeout ledger');
