import { describeIf } from '../../instances/support/binaries.js';
import { stopApps } from '../../support/app.js';
import type { Engine } from '../support/engine.js';
import { drafts } from './drafts.js';
import { forms } from './forms.js';
import { hostPages } from './host-pages.js';
import { leaving } from './leaving.js';
import { realTime } from './real-time.js';
import { serverAnswers } from './server-answers.js';
import { signInHere } from './sign-in-here.js';
import { tabs } from './tabs.js';
import { warning } from './warning.js';

/** The list of checks, which every engine has to pass. */
export function checks(engine: Engine): void {
  const { name, isInstalled, packages } = engine;
  describeIf(isInstalled, `${name} is not installed (Debian: apt-get install ${packages})`)(name, () => {
    afterAll(async () => {
      await engine.stop();
      await stopApps();
    });

    describe('the warning', () => warning(engine));
    describe('tabs and frames', () => tabs(engine));
    describe('leaving', () => leaving(engine));
    describe('answers', () => serverAnswers(engine));
    describe('pages of hosts', () => hostPages(engine));
    describe('forms', () => forms(engine));
    describe('signing in again', () => signInHere(engine));
    describe('drafts', () => drafts(engine));
    describe('real time', () => realTime(engine));
  });
}
