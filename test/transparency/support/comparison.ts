import type { Scenario } from './exchange.js';
import type { RecordedAnswer, Recording } from './recording.js';
import type { TwinOptions } from './twins.js';

/** What one scenario looked like in both applications. */
export interface Pair {
  readonly scenario: Scenario;
  readonly options: TwinOptions;
  readonly withUs: Recording;
  readonly without: Recording;
}

/** The places in which two recordings differ, as a person reads them. */
export function differencesOf({ withUs, without }: Pick<Pair, 'withUs' | 'without'>): string[] {
  return compared('', withUs, without);
}

function compared(place: string, one: unknown, other: unknown): string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  if (!isObject(one) || !isObject(other) || (Array.isArray(one) && one.length !== other['length'])) {
    return [`${place}: with us ${JSON.stringify(one)}, without us ${JSON.stringify(other)}`];
  }
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) => compared(`${place}/${name}`, one[name], other[name]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** The place of a header in an answer; -1 if it is not there. */
export function headerIndex({ headers }: RecordedAnswer, name: string, matches: (value: string) => boolean): number {
  return headers.findIndex(([other, value]) => other.toLowerCase() === name && matches(value));
}

/** Gives a session the name of another one, wherever it is named. */
export function rename(recording: Recording, from: string, to: string): void {
  const renamed = JSON.parse(JSON.stringify(recording).replaceAll(from, to)) as Recording;
  Object.assign(recording, renamed);
}
