/** A route of this package. */
export interface OwnRouteDeclaration {
  readonly method: 'get' | 'post' | 'delete';
  /** Its path below the option `path`. */
  readonly name: string;
  /** What the application has to have, so that the route is of use: sessions of users, or drafts. */
  readonly needs?: 'users' | 'drafts';
}

/** All routes of this package. The controller answers them. */
export const ownRoutes: readonly OwnRouteDeclaration[] = [
  { method: 'get', name: 'ping' },
  { method: 'post', name: 'end' },
  { method: 'get', name: 'client.js' },
  { method: 'get', name: 'extras.js' },
  { method: 'get', name: 'sign-in-here.js' },
  { method: 'get', name: 'signed-in' },
  { method: 'get', name: 'texts/:lang' },
  { method: 'get', name: 'list', needs: 'users' },
  { method: 'delete', name: 'list', needs: 'users' },
  { method: 'delete', name: 'list/:id', needs: 'users' },
  { method: 'get', name: 'draft-key', needs: 'drafts' },
  { method: 'get', name: 'drafts.js', needs: 'drafts' },
];

/** The beginnings of their paths. A login window returns to `signed-in`, so it counts as a page of the application. */
const starts = ownRoutes.map(({ name }) => name.split('/')[0]).filter((start) => start !== 'signed-in');

/** Whether a path belongs to a route of this package, below `ownPath` and every prefix of the application. */
export function isOwnRoute(path: string, ownPath: string): boolean {
  return starts.some((start) => {
    const route = `/${ownPath}/${start}`;
    return path.endsWith(route) || path.slice(0, path.lastIndexOf('/')).endsWith(route);
  });
}
