import { startSessionTimeout } from './session-timeout.js';
import { scriptOptions } from './script-options.js';

startSessionTimeout(scriptOptions(import.meta.url));
