/** The answer of `GET /session/draft-key`. */
export interface DraftKeyReply {
  /** The key of the user: 32 bytes in base64url. It encrypts what is typed. */
  readonly key: string;
  /** Keys of earlier secrets. Drafts from before a change of the secret are opened with them. */
  readonly previous: readonly string[];
  /** Seconds that a draft is kept. */
  readonly maxAge: number;
  /** The hash of the session. The next question names it, to learn how it ended. */
  readonly session: string;
  /** Whether the session that the question named was signed out. Then its drafts are thrown away. */
  readonly signedOut?: true | undefined;
}

/** What the answer to a question without a living session says. */
export type NoDraftKey = Pick<DraftKeyReply, 'signedOut'>;
