// What a front end sees.
import {
  reauthentication,
  type SessionSnapshot,
  startSessionTimeout,
  type SessionTimeoutClient,
  unknownSnapshot,
} from 'nestjs-session-timeout/client';
import { type Same, some } from './support.js';

const client: SessionTimeoutClient = startSessionTimeout();

startSessionTimeout({
  url: '/session/',
  lang: 'cy',
  strings: { cy: { stay: 'Aros' } },
  frameOrigins: ['https://app.example.com'],
  whenEnded: 'sign-in-here',
  onLeave: (url, reason) => url.length > 0 && reason !== 'lost',
  onRestored: async () => undefined,
});
startSessionTimeout({ strings: { title: 'Soon', signIn: 'Again' }, forms: false, drafts: undefined });
startSessionTimeout({
  dialog(own) {
    own satisfies SessionTimeoutClient;
    return () => own.stayActive();
  },
});
// @ts-expect-error: a warning of one's own returns how to take it away
startSessionTimeout({ dialog: () => undefined });
// @ts-expect-error: there is no such text
startSessionTimeout({ strings: { titel: 'Soon' } });
// @ts-expect-error: a page is left, or its user signs in on it
startSessionTimeout({ whenEnded: 'stay' });
// @ts-expect-error: the option is of the server
startSessionTimeout({ idleTimeout: '15m' });

client.subscribe(() => undefined) satisfies () => void;
client.hold('upload', { maxMs: 60_000 }) satisfies () => void;
// @ts-expect-error: a hold says why
client.hold();
client.whenSignedIn() satisfies Promise<void>;
client.watch(window) satisfies () => void;

const { state, expiresIn, reason } = client.snapshot();
true satisfies Same<typeof state, 'unknown' | 'anonymous' | 'active' | 'warning' | 'expired'>;
// @ts-expect-error: there may be no time left to tell
expiresIn satisfies number;
// @ts-expect-error: there may be no reason
reason satisfies string;
unknownSnapshot satisfies SessionSnapshot;
// @ts-expect-error: a snapshot is of one moment
some<SessionSnapshot>().state = 'active';

const proof = await reauthentication(new Response());
proof?.maxAge satisfies number | undefined;
// @ts-expect-error: most answers ask for no proof
proof.maxAge satisfies number;

// @ts-expect-error: what the server enforces is not part of the client
void import('nestjs-session-timeout/client').then(({ SessionTimeoutModule }) => SessionTimeoutModule);
