import { attempt } from '../attempt.js';

/** A duration in the words of a language: "1 minute, 30 seconds". */
export function inWords(seconds: number, lang: string): string {
  // If the browser does not know the language, it would use English words. It throws if this is no language.
  if (!attempt(() => Intl.NumberFormat.supportedLocalesOf(lang)[0])) return inFigures(seconds);
  return Object.entries({ minute: minutesOf(seconds), second: seconds % 60 })
    .filter(([, count]) => count > 0)
    .map(([unit, count]) => count.toLocaleString(lang, { style: 'unit', unitDisplay: 'long', unit }))
    .join(', ');
}

/** A duration in figures: "1:30". */
export function inFigures(seconds: number): string {
  return `${minutesOf(seconds)}:${`0${seconds % 60}`.slice(-2)}`;
}

function minutesOf(seconds: number): number {
  return (seconds / 60) | 0;
}
