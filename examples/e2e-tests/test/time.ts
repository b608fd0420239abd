const now = performance.now.bind(performance);
let ahead = 0;
performance.now = () => now() + ahead;

/** Lets this many milliseconds pass for the module, at once. The clock of the module reads performance.now(). */
export function letPass(milliseconds: number): void {
  ahead += milliseconds;
}
