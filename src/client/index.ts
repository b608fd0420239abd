export { type SessionTimeoutClient, type SessionTimeoutClientOptions, startSessionTimeout } from './session-timeout.js';
