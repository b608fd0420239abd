export { withSession } from './with-session.js';
export type { SessionAdapter, SocketAdapterClass } from './with-session.js';
export type { SessionSocketOptions } from './socket-options.js';
