import 'express-session';

// What the applications on the pages store in a session.
declare module 'express-session' {
  interface SessionData {
    userId?: string;
    lastActivity?: number;
    isRemembered?: boolean;
    passport?: { user: string };
  }
}
