import type { Judgement, PolicyInForce, Requirement } from './requirement.js';

const ASVS = 'OWASP ASVS 5.0';

const audited =
  (...judgement: Judgement) =>
  ({ isAudited }: PolicyInForce): Judgement =>
    isAudited ? judgement : ['not-met', 'The option audit is not set.'];

/** What the chapter on security logging (V16) of OWASP ASVS 5.0 asks, as far as sessions are concerned. */
export const asvsLogging: readonly Requirement[] = [
  {
    standard: ASVS,
    id: '16.2.1 (L2)',
    asks: 'Log entries tell when, where, who and what.',
    options: ['audit'],
    judge: audited('met', 'Entries contain the time, the request with its address, the user and the session.'),
  },
  {
    standard: ASVS,
    id: '16.2.2 (L2)',
    asks: 'Times in the log are synchronized and in UTC.',
    options: ['audit'],
    judge: audited(
      'depends',
      'Times are milliseconds since 1970 (UTC). The clocks of the machines have to be synchronized.',
    ),
  },
  {
    standard: ASVS,
    id: '16.2.5 (L2)',
    asks: 'Sensitive data is logged by its protection level, and session tokens are hashed or masked.',
    options: ['audit'],
    judge: audited(
      'met',
      'Entries name sessions by their SHA-256. They contain no cookie, no query and no credentials.',
    ),
  },
  {
    standard: ASVS,
    id: '16.3.3 (L2)',
    asks: 'Documented security events, and attempts to bypass the controls, are logged.',
    options: ['audit'],
    judge: audited(
      'met',
      'Starts, ends and renewals of sessions are recorded, and so are requests and reports that were rejected.',
    ),
  },
];
