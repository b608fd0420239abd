let ahead = 0;
performance.now = () => process.uptime() * 1000 + ahead;

/** Lets this many milliseconds pass for the module, at once. The clock of the module reads performance.now(). */
export function letPass(milliseconds: number): void {
  ahead += milliseconds;
}
