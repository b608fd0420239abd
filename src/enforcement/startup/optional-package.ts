import ownPlace from './package-files.cjs';

/**
 * A package that the application may or may not have; `undefined` without it. One that cannot be
 * loaded counts as absent: Jest on Node 20 requires no ES modules.
 */
export function optionalPackage<T>(name: string): T | undefined {
  try {
    return ownPlace.require(name) as T;
  } catch {
    return undefined;
  }
}
