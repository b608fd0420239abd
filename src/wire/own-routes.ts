/**
 * The beginnings of the paths of this package's routes, below the option `path`. `signed-in` is missing, because a
 * login window returns to it.
 */
const NAMES = ['ping', 'end', 'client.js', 'extras.js', 'sign-in-here.js', 'texts', 'list', 'draft-key', 'drafts.js'];

/** Whether a path belongs to a route of this package, below `ownPath` and every prefix of the application. */
export function isOwnRoute(path: string, ownPath: string): boolean {
  return NAMES.some((name) => {
    const route = `/${ownPath}/${name}`;
    return path.endsWith(route) || path.slice(0, path.lastIndexOf('/')).endsWith(route);
  });
}
