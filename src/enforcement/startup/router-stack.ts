/** An entry in the router of an Express application. */
export interface Layer {
  readonly handle?: { readonly name: string; readonly length: number };
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean | undefined>> };
  match(path: string): boolean;
}

/** An entry for a path and a method. */
export interface RouteLayer extends Layer {
  readonly route: { readonly path: string; readonly methods: Readonly<Record<string, boolean | undefined>> };
}

/** Returns what an Express application has mounted, in order. The list is empty if its router is of another kind. */
export function stackOf(application: unknown): readonly Layer[] {
  const { router } = (application ?? {}) as { readonly router?: { readonly stack?: readonly Layer[] } };
  return router?.stack ?? [];
}
