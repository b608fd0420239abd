type DurationFormat = new (
  lang: string,
  options: { style: 'long' },
) => { format(duration: { minutes: number; seconds: number }): string };

/** A length of time in words: "1 minute, 30 seconds", as the language has it. */
export function inWords(seconds: number, lang: string): string {
  const parts = { minutes: Math.floor(seconds / 60), seconds: seconds % 60 };
  const { DurationFormat } = Intl as unknown as {
    DurationFormat?: DurationFormat & Pick<typeof Intl.NumberFormat, 'supportedLocalesOf'>;
  };
  // A language it does not know it would speak in English, without a word.
  if (seconds > 0 && DurationFormat?.supportedLocalesOf(lang).length) {
    return new DurationFormat(lang, { style: 'long' }).format(parts);
  }
  if (Intl.NumberFormat.supportedLocalesOf(lang).length === 0) return inFigures(seconds);
  const units = (['minutes', 'seconds'] as const).filter((unit) => parts[unit] > 0);
  return (units.length > 0 ? units : (['seconds'] as const))
    .map((unit) => {
      const options = { style: 'unit', unit: unit.slice(0, -1), unitDisplay: 'long' } as const;
      return new Intl.NumberFormat(lang, options).format(parts[unit]);
    })
    .join(' ');
}

/** A length of time in figures: "1:30". */
export function inFigures(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
