import type { Judgement, PolicyInForce, Requirement } from './requirement.js';

const ASVS = 'OWASP ASVS 5.0';

/** Judges a requirement about all sessions of a user. */
const ofUsers =
  (because: string) =>
  ({ usersAreKnown, sessionsAreListed }: PolicyInForce): Judgement => {
    if (!usersAreKnown)
      return ['not-met', 'The user of a session is not known, because the option identify is not set.'];
    if (sessionsAreListed) return ['depends', because];
    return [
      'depends',
      'The ledger does not find the sessions of a user. The application has to record them from events$, and to call end(hash).',
    ];
  };

const freshAuthentication = ({ authenticationsAreDated }: PolicyInForce): Judgement => [
  'depends',
  `Put @RequireFreshAuth() on these routes, and on the pages with their forms.${
    authenticationsAreDated ? '' : ' Without authenticatedAt, every sign-in counts as an authentication.'
  }`,
];

/** What the chapters on authentication and session management (V6 and V7) of OWASP ASVS 5.0 ask about the sessions of a user. */
export const asvsAccounts: readonly Requirement[] = [
  {
    standard: ASVS,
    id: '6.8.4 (L2)',
    asks: 'The application verifies how recently and how strongly an identity provider has authenticated a user.',
    options: ['authenticatedAt'],
    judge: ({ authenticationsAreDated }) =>
      authenticationsAreDated
        ? ['depends', 'authenticatedAt has to return the auth_time of the provider. Check acr and amr yourself.']
        : [
            'not-met',
            'authenticatedAt is not set, so every sign-in counts as recent. Without a provider, that is right.',
          ],
  },
  {
    standard: ASVS,
    id: '7.1.2 (L2)',
    asks: 'The documentation says how many sessions an account may have at the same time, and what happens with one more.',
    options: ['maxSessions', 'whenFull'],
    judge: ({ maxSessions, whenFull }) => {
      if (maxSessions === false) return ['not-met', 'maxSessions is off: an account may have any number of sessions.'];
      if (maxSessions === 'varies') return ['depends', 'maxSessions is a function: document which numbers it returns.'];
      return ['met', `An account may have ${maxSessions} session(s). With one more, whenFull is "${whenFull}".`];
    },
  },
  {
    standard: ASVS,
    id: '7.4.2 (L1)',
    asks: "All of a user's sessions end when the account is disabled or deleted.",
    options: ['identify', 'ledger'],
    judge: ofUsers('Call endAll(user) then: it ends all sessions of the user at once.'),
  },
  {
    standard: ASVS,
    id: '7.4.3 (L2)',
    asks: 'Users may end all other sessions after a password or another factor has changed.',
    options: ['identify', 'ledger'],
    judge: ofUsers('Call endAll(user, { except: req }) then, or offer the page with the list of sessions.'),
  },
  {
    standard: ASVS,
    id: '7.4.5 (L2)',
    asks: 'Administrators can end the sessions of one user or of all users.',
    options: ['identify', 'ledger'],
    judge: ofUsers('Offer endAll(user) to administrators. For all users, call it for each.'),
  },
  {
    standard: ASVS,
    id: '7.5.1 (L2)',
    asks: 'Changes of sensitive attributes of an account need full re-authentication.',
    options: ['authenticatedAt'],
    judge: freshAuthentication,
  },
  {
    standard: ASVS,
    id: '7.5.2 (L2)',
    asks: 'Users can see their sessions and, having authenticated again, end any of them.',
    options: ['identify', 'ledger'],
    judge: ofUsers(
      'The routes of the list do it (GET and DELETE /session/list by default). They do not require fresh authentication: put @RequireFreshAuth() on the page that shows the list.',
    ),
  },
  {
    standard: ASVS,
    id: '7.5.3 (L3)',
    asks: 'Highly sensitive operations need further authentication.',
    options: ['authenticatedAt'],
    judge: freshAuthentication,
  },
];
