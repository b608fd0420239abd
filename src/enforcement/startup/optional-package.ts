import ownPlace from './package-files.cjs';

/**
 * Loads a package that the application may have; `undefined` without it. A package that cannot be loaded counts as
 * missing: Jest on Node 20 cannot require ES modules.
 */
export function optionalPackage<T>(name: string): T | undefined {
  try {
    return ownPlace.require(name) as T;
  } catch {
    return undefined;
  }
}
