/** Whether two types are the same: for `satisfies true`. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A value of a type. These files are compiled, and never run. */
export declare function some<T>(): T;
