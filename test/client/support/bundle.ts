import { gzipSync } from 'node:zlib';

export { bundle } from '../../../scripts/bundle-client.js';

/** How many bytes of it go over the network. */
export function gzipped(contents: string): number {
  return gzipSync(contents, { level: 9 }).length;
}
