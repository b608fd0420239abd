import type { Judgement, PolicyInForce, Requirement } from './requirement.js';

const ASVS = 'OWASP ASVS 5.0';

const guarded =
  (because: string) =>
  ({ socketsAreGuarded }: PolicyInForce): Judgement =>
    socketsAreGuarded
      ? ['met', because]
      : ['depends', 'If the application has WebSockets, create their adapter with withSession().'];

/** What the chapter on web services (V4) of OWASP ASVS 5.0 asks of WebSockets. */
export const asvsSockets: readonly Requirement[] = [
  {
    standard: ASVS,
    id: '4.4.2 (L2)',
    asks: 'The handshake of a WebSocket checks the Origin header against a list.',
    options: [],
    judge: guarded('A handshake from a page of an origin that is not allowed is refused with 403.'),
  },
  {
    standard: ASVS,
    id: '4.4.3 (L2)',
    asks: 'If WebSockets cannot use the session of the application, they use tokens that meet the same requirements.',
    options: [],
    judge: guarded('WebSockets use the session of the application, and need no tokens.'),
  },
  {
    standard: ASVS,
    id: '4.4.4 (L2)',
    asks: 'Tokens of WebSockets are obtained or validated through the authenticated session.',
    options: [],
    judge: guarded(
      'The handshake is judged by the session of the application, and the socket closes when this session ends.',
    ),
  },
];
