import type { DraftStrings } from '../ui/strings.js';

/** The English texts about drafts. The others come from the server, with those of the warning. */
export const ENGLISH_DRAFTS: Required<DraftStrings> = {
  draftRestored: 'What you had typed is back.',
  draftOdd: 'Some fields were left as they are, as they have changed since.',
  draftUse: 'Use my text',
  draftDiscard: 'Discard my text',
  draftClose: 'Close',
};
