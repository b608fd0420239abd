/** `Intl` with `DurationFormat`, which some browsers lack. */
type WithDurations = typeof Intl & {
  readonly DurationFormat?: {
    new (lang: string, options: { style: 'long' }): { format(parts: Record<string, number>): string };
    supportedLocalesOf(lang: string): string[];
  };
};

/** A duration in the words of a language: "1 minute, 30 seconds". */
export function inWords(seconds: number, lang: string): string {
  const { DurationFormat, NumberFormat } = Intl as WithDurations;
  const parts = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  // Both would use English for a language that they do not know, so that is checked first.
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

/** A duration in figures: "1:30". */
export function inFigures(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
