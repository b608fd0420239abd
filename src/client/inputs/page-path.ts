/**
 * The page as users see it. The part after `#` belongs to it only if a router uses it. Otherwise, it may be a secret, such as a
 * token, which browsers do not send to servers.
 */
export function pagePath(): string {
  const { pathname, search, hash } = location;
  return pathname + search + hash.replace(/^#(?!!?\/).*/, '');
}
