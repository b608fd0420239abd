declare module 'express-session' {
  interface SessionData {
    user: string;
    profile: typeof profile;
    /** What the guard written by hand keeps. */
    lastActivity: number;
  }
}

/** What a session holds besides the user: 1 kB. */
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
