/** The answer of `GET /session/draft-key`. */
export interface DraftKeyReply {
  /** The key of the user: 32 bytes in base64url. It encrypts drafts. */
  readonly key: string;
  /** Keys of earlier secrets. Drafts from before a change of the secret are opened with them. */
  readonly previous: readonly string[];
  /** Seconds that a draft is kept. */
  readonly maxAge: number;
  /** The hash of the session. The next question names it, to learn how it ended. */
  readonly session: string;
  /** Whether the user signed out of the session that the question named. Then its drafts are deleted. */
  readonly signedOut?: true | undefined;
}

/** The answer if there is no living session. */
export type NoDraftKey = Pick<DraftKeyReply, 'signedOut'>;
