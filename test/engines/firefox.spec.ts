import { checks } from './checks/all.js';
import { firefox } from './support/firefox.js';

checks(firefox);
