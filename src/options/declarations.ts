import { validateSync, ValidationTypes } from 'class-validator';

/**
 * A class that declares options. Each field has its doc comment, its default as initialiser, and its check as
 * decorator. A field without a decorator is not an option: class-validator rejects it.
 */
export type Declarations<T extends object> = new () => T;

/** The type of given options for the declarations `T`: each field may be left out, or be `undefined`. */
export type Optional<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** A given value that its declaration does not allow. */
export interface Problem {
  readonly name: string;
  readonly value: unknown;
  /** What the value must be; `undefined` if no option has this name. */
  readonly text: string | undefined;
}

/** The names of all options that a class declares, in the order of the code. */
export function namesIn(declarations: Declarations<object>): string[] {
  return Object.keys(new declarations());
}

/** Whether `value` is an object with named fields. Lists, maps, promises and dates do not count. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  // The namespace object of a module may contain options, too.
  return (
    /^\[object (Object|Module)\]$/.test(Object.prototype.toString.call(value)) && !(Symbol.iterator in Object(value))
  );
}

/**
 * Reads each given value once. A getter may return another value the next time, and the checked value has to be the
 * used value. Values of a class or a prototype are read, too, but not those that every object inherits. Anything that
 * is not an object with named fields is returned as it is, so that the check refuses it.
 */
export function readOnce<Given extends object>(given: Given, ...declarations: Declarations<object>[]): Given {
  if (!isRecord(given)) return given;
  const fields: Readonly<Record<string, unknown>> = given;
  const own = Object.keys(fields);
  const isInherited = (name: string) => name in fields && !own.includes(name) && !(name in Object.prototype);
  const names = [...own, ...declarations.flatMap(namesIn).filter(isInherited)];
  return Object.fromEntries(names.map((name) => [name, fields[name]])) as Given;
}

/** The given values, and the defaults of all others. A value that is `undefined` counts as absent. */
export function completed<T extends object>(declarations: Declarations<T>, given: Optional<T>): T {
  return Object.assign(new declarations(), withoutUndefined(given));
}

/** Finds the given values that are wrong, in the order in which they were given. */
export function problemsIn(declarations: Declarations<object>, given: object): Problem[] {
  const present = Object.entries(withoutUndefined(given));
  // class-validator would accept names that every object inherits, and `constructor` or `__proto__` would mislead it.
  const checkable = present.filter(([name]) => !(name in Object.prototype));
  const errors = validateSync(Object.assign(new declarations(), Object.fromEntries(checkable)), {
    whitelist: true,
    forbidNonWhitelisted: true,
    skipUndefinedProperties: true,
    stopAtFirstError: true,
    validationError: { target: false },
  });
  const constraints = new Map(errors.map((error) => [error.property, error.constraints ?? {}]));
  return present.flatMap(([name, value]) => {
    if (name in Object.prototype) return [{ name, value, text: undefined }];
    const broken = constraints.get(name);
    if (!broken) return [];
    return [{ name, value, text: ValidationTypes.WHITELIST in broken ? undefined : Object.values(broken)[0] }];
  });
}

/** A copy without the fields that are `undefined`. */
export function withoutUndefined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
