declare module 'express-session' {
  interface SessionData {
    user: string;
    profile: typeof profile;
    /** The last activity, kept by the hand-written guard. */
    lastActivity: number;
  }
}

/** The data of a session besides the user: 1 kB. */
export const profile = {
  name: 'Alice Example',
  email: 'alice@example.com',
  locale: 'en-GB',
  roles: ['reader', 'editor'],
  recent: Array.from({ length: 10 }, (_, i) => ({
    id: 1000 + i,
    title: `Document number ${i} with a title of usual length`,
    at: 1.7e12 + i,
  })),
};
