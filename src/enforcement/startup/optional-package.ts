import ownPlace from './package-files.cjs';

/**
 * Loads an optional package. Returns `undefined` if it is not installed. A package that cannot be loaded counts as
 * missing, because Jest on Node 20 cannot require ES modules.
 */
export function optionalPackage<T>(name: string): T | undefined {
  try {
    return ownPlace.require(name) as T;
  } catch {
    return undefined;
  }
}
