import { startInPage } from './page.js';
import { scriptOptions } from './script-options.js';

startInPage(scriptOptions(import.meta.url));
