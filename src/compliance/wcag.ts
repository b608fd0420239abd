import { shorterLimit } from '../policy/limits.js';
import { HOUR } from '../policy/time.js';
import { timing } from './limits-met.js';
import type { Requirement } from './requirement.js';

const WCAG = 'WCAG 2.2';

/** What WCAG 2.2 asks of pages that time out. */
export const wcag: readonly Requirement[] = [
  {
    standard: WCAG,
    id: '2.2.1 (A)',
    asks: 'A warning, and at least 20 seconds to extend the session by a simple action, at least ten times.',
    options: ['warnBefore', 'idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) => timing(limits),
  },
  {
    standard: WCAG,
    id: '2.2.5 (AAA)',
    asks: 'After re-authentication, users can go on without loss of data.',
    options: ['redirectTo', 'drafts'],
    judge: ({ keepsDrafts }) => [
      'depends',
      keepsDrafts
        ? 'The way back to the page is kept (returnTo), and so are drafts of what was typed. The pages have to keep the rest.'
        : 'The way back to the page is kept (returnTo). The pages have to keep what was typed.',
    ],
  },
  {
    standard: WCAG,
    id: '2.2.6 (AAA)',
    asks: 'Users are told how long inactivity may last before data is lost, unless data is kept for over 20 hours.',
    options: ['idleTimeout', 'absoluteTimeout'],
    judge: ({ limits }) =>
      shorterLimit(limits) > 20 * HOUR
        ? ['met', 'No session ends within 20 hours without activity.']
        : ['depends', 'State the idle limit on pages with forms; the session status contains it.'],
  },
];
