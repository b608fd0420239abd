/** The longest delay of a timer, in milliseconds. Node runs a timer with a longer one at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;
