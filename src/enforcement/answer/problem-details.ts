/** The body of an answer that refuses something: problem details (RFC 9457) with a stable code. */
export interface ProblemDetails<Code extends string = string> {
  /** A URN that names the kind of problem. */
  readonly type: string;
  /** The name of the problem, in English. */
  readonly title: string;
  /** The status of the answer. */
  readonly status: number;
  /** A text for users. */
  readonly detail: string;
  /** What programs recognise the problem by. */
  readonly code: Code;
}
