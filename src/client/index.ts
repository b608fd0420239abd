export { type CoreOptions, type SessionTimeoutCore, startCore } from './core.js';
export { type SessionTimeoutClient, type SessionTimeoutClientOptions, startSessionTimeout } from './session-timeout.js';
export { type SessionSnapshot, unknownSnapshot } from './snapshot.js';
export type { LanguageOptions, Strings } from './words.js';
