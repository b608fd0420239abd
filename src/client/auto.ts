import { startInPage } from './page.js';
import { scriptOptions } from './script-options.js';

// What a module imports, pages without modules find here.
Object.assign(window, { sessionTimeout: startInPage(scriptOptions(import.meta.url)) });
