/** Does nothing. */
export const noop = (): undefined => undefined;
