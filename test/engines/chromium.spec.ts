import { checks } from './checks/all.js';
import { chromium } from './support/chromium.js';

checks(chromium);
