/**
 * What the paths of this package's routes begin with, below the option `path`. Without `signed-in`: a login window
 * returns to that one.
 */
const NAMES = ['ping', 'end', 'client.js', 'extras.js', 'sign-in-here.js', 'texts', 'list', 'draft-key', 'drafts.js'];

/** Whether a path is that of a route of this package, below `ownPath` and whatever the application puts before it. */
export function isOwnRoute(path: string, ownPath: string): boolean {
  return NAMES.some((name) => {
    const route = `/${ownPath}/${name}`;
    return path.endsWith(route) || path.slice(0, path.lastIndexOf('/')).endsWith(route);
  });
}
