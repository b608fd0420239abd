/** The texts of the browser client in one language. `{time}` stands for the time that is left. */
export interface ClientTexts {
  readonly title: string;
  readonly idle: string;
  readonly idleKept: string;
  readonly absolute: string;
  readonly left: string;
  readonly spoken: string;
  readonly stay: string;
  readonly staying: string;
  readonly failed: string;
  readonly back: string;
  readonly signOut: string;
  readonly checking: string;
  readonly unreachable: string;
  readonly retry: string;
  readonly signIn: string;
}
