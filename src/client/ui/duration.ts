/** `Intl`, with what not every browser has. */
type WithDurations = typeof Intl & {
  readonly DurationFormat?: {
    new (lang: string, options: { style: 'long' }): { format(parts: Record<string, number>): string };
    supportedLocalesOf(lang: string): string[];
  };
};

/** A length of time in words: "1 minute, 30 seconds", as the language has it. */
export function inWords(seconds: number, lang: string): string {
  const { DurationFormat, NumberFormat } = Intl as WithDurations;
  const parts = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  // A language they do not know they would speak in English, without a word.
  if (DurationFormat?.supportedLocalesOf(lang)[0]) return new DurationFormat(lang, { style: 'long' }).format(parts);
  if (!NumberFormat.supportedLocalesOf(lang)[0]) return inFigures(seconds);
  return Object.entries(parts)
    .filter(([, count]) => count > 0)
    .map(([units, count]) => {
      const unit = units.slice(0, -1);
      return new NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(count);
    })
    .join(' ');
}

/** A length of time in figures: "1:30". */
export function inFigures(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
