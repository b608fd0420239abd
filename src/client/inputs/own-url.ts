/**
 * The URL of the package's routes.
 *
 * @param url the option `url`, which may be relative
 */
export function ownUrl(url: string): string {
  return location.origin + new URL(url, location.href).pathname;
}
