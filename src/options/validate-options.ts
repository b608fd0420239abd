import { shorterLimit } from '../policy/limits.js';
import { nearestText } from '../base/nearest-text.js';
import { isRecord, namesIn, type Problem, problemsIn } from './declarations.js';
import { milliseconds } from './duration.js';
import { limitsOf } from './limits.js';
import { LimitDeclarations, type SessionLimits } from './session-limits.js';
import { ExtraDeclarations, type SessionTimeoutExtras } from './session-timeout.extras.js';
import { OptionDeclarations, type SessionTimeoutOptions } from './session-timeout.options.js';
import { shortened, shown } from './shown.js';

const limitNames = namesIn(LimitDeclarations);
const extraNames = namesIn(ExtraDeclarations);
const allNames = [...namesIn(OptionDeclarations), ...extraNames];

/** Lists everything that is wrong with the options, one line for each option. */
export function problemsOf(options: SessionTimeoutOptions, { path, isGlobal }: SessionTimeoutExtras): string[] {
  const isWrong = wrongKind(options);
  if (isWrong !== undefined) return [isWrong];
  const problems = problemsIn(OptionDeclarations, options);
  const limitsAreRight = !problems.some(({ name }) => limitNames.includes(name));
  return [
    ...linesOf(problems),
    ...(limitsAreRight ? conflictsOf(options) : []),
    ...unmetNeeds(options, problems),
    ...linesOf(problemsIn(ExtraDeclarations, { path, isGlobal })),
  ];
}

/** Returns what is wrong with the options as a whole; `undefined` if nothing is wrong. */
export function wrongKind(options: unknown): string | undefined {
  if (isRecord(options)) return undefined;
  const cure = options instanceof Promise ? '; await them in the factory of forRootAsync({ useFactory })' : '';
  return `the options must be an object with named fields, but are ${shown(options)}${cure}`;
}

/**
 * Lists everything that is wrong with what `limitsFor` returned.
 *
 * @param everybody the options. Their limits hold if `limitsFor` leaves them out
 */
export function problemsOfLimitsFor(given: SessionLimits, everybody: SessionLimits): string[] {
  if (!isRecord(given)) return [`limitsFor: must return an object with limits, but returned ${shown(given)}`];
  const problems = problemsIn(LimitDeclarations, given).map(({ name, value, text }) =>
    text === undefined
      ? `limitsFor: ${shortened(name)} is not a limit; the limits are ${limitNames.join(', ')}`
      : `limitsFor: ${name} ${text}, but is ${shown(value)}`,
  );
  const { idleTimeout = everybody.idleTimeout, absoluteTimeout = everybody.absoluteTimeout } = given;
  return idleTimeout === false && absoluteTimeout === false
    ? [...problems, 'limitsFor: at least one of the two limits must be on']
    : problems;
}

/** Lists conflicts between limits that are valid by themselves. */
function conflictsOf({ idleTimeout, absoluteTimeout, warnBefore }: SessionLimits): string[] {
  if (idleTimeout === false && absoluteTimeout === false) {
    return ['idleTimeout, absoluteTimeout: at least one of the two limits must be on'];
  }
  return warnBefore !== undefined &&
    milliseconds(warnBefore) >= shorterLimit(limitsOf({ idleTimeout, absoluteTimeout }))
    ? [`warnBefore: must be shorter than the limits, but is ${shown(warnBefore)}`]
    : [];
}

/** Lists options that need another option, or another ledger. */
function unmetNeeds(
  { maxSessions = false, describeDevice, identify, sweepInterval = false, ledger, drafts }: SessionTimeoutOptions,
  problems: readonly Problem[],
): string[] {
  const asking = [maxSessions !== false && 'maxSessions', describeDevice && 'describeDevice'].filter(isText);
  const identifies = identify === undefined ? 'the option identify, which returns the user of a session' : undefined;
  const isUnable = ledger !== undefined && !problems.some(({ name }) => name === 'ledger') && !ledger.users;
  const lists = isUnable ? 'a ledger that knows the sessions of a user (ActivityLedger.users)' : undefined;
  return [
    ...[identifies, lists].filter(isText).flatMap((need) => asking.map((name) => `${name}: needs ${need}`)),
    ...(drafts && identifies ? [`drafts: needs ${identifies}`] : []),
    ...(isUnable && sweepInterval !== false
      ? ['sweepInterval: needs a ledger that finds sessions whose time is over (ActivityLedger.users); leave it out']
      : []),
  ];
}

const isText = (value: unknown): value is string => typeof value === 'string';

function linesOf(problems: readonly Problem[]): string[] {
  // The list of all options is long. Once is enough.
  const last = problems.findLast(isUnknown);
  return problems.map((problem) => line(problem, problem === last));
}

function line({ name, value, text }: Problem, listsAll: boolean): string {
  // The value may be a secret.
  if (name === 'drafts') return `${name}: ${text}`;
  if (text !== undefined) return `${name}: ${text}${text.startsWith(SHOWS) ? '' : `, but is ${shown(value)}`}`;
  if (extraNames.includes(name)) {
    return `${name}: belongs next to useFactory in forRootAsync(), not into the options that the factory returns`;
  }
  const nearest = nearestText(name, allNames);
  const guess = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  const list = listsAll ? `; the options are ${allNames.join(', ')}` : '';
  return `${shortened(name)}: is not an option${guess}${list}`;
}

/** The beginning of a text that shows what is wrong inside a value. */
const SHOWS = 'has ';

function isUnknown({ name, text }: Problem): boolean {
  return text === undefined && !extraNames.includes(name);
}
