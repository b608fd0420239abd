import { IsPlainPath, IsTrueOrFalse } from './checks.js';
import type { Optional } from './declarations.js';

/** The extras, with their defaults and checks. They decide which routes and providers the module has. */
export class ExtraDeclarations {
  /** The path of the routes of this package, such as `<path>/ping` and `<path>/end`. Default `'session'`. */
  @IsPlainPath()
  readonly path: string = 'session';

  /** Whether other modules can inject `SessionTimeoutService` without importing this module. Default `true`. */
  @IsTrueOrFalse()
  readonly isGlobal: boolean = true;
}

/**
 * The options that Nest needs before it creates providers. In `forRoot()` they are among the other options. In
 * `forRootAsync()` they are next to `useFactory`.
 */
export interface SessionTimeoutExtras extends Optional<ExtraDeclarations> {}
