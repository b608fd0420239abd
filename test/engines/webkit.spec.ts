import { checks } from './checks/all.js';
import { webkit } from './support/webkit.js';

checks(webkit);
