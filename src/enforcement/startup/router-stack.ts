/** What an Express application has mounted, as its router keeps it. */
export interface Layer {
  readonly handle?: { readonly name: string; readonly length: number };
  readonly route?: { readonly path: unknown; readonly methods: Readonly<Record<string, boolean | undefined>> };
  match(path: string): boolean;
}

/** What is mounted for a path and a method. */
export interface RouteLayer extends Layer {
  readonly route: { readonly path: string; readonly methods: Readonly<Record<string, boolean | undefined>> };
}

/** What an Express application has mounted, in order. Empty if its router is another one. */
export function stackOf(application: unknown): readonly Layer[] {
  const { router } = (application ?? {}) as { readonly router?: { readonly stack?: readonly Layer[] } };
  return router?.stack ?? [];
}

/** Whether it is express-session. A middleware of the application that calls express-session does not show. */
export function isExpressSession({ handle }: Layer): boolean {
  return handle?.name === 'session' && handle.length === 3;
}
