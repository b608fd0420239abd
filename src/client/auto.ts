import { startInPage } from './page.js';
import { scriptOptions } from './script-options.js';

// Pages that use only the script tag find the client here.
Object.assign(window, { sessionTimeout: startInPage(scriptOptions(import.meta.url)) });
