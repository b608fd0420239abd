import { startSessionTimeout } from './session-timeout.js';

startSessionTimeout({ url: new URL('.', import.meta.url).pathname });
