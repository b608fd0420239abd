import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import JestRunner from 'jest-runner';

/**
 * Runs only the spec files that can notice a change. Stryker gives Jest the names of the tests that reach the changed code,
 * but Jest would load every spec file to look for them, which takes longer than the tests. The first run, without names,
 * therefore writes down which tests each file has. The runs with a change read that. They begin with the file that noticed
 * the change before, because it is mostly near, then take the quickest, and stop at the first file with a failing test.
 */
export default class NearestSpecsRunner extends JestRunner {
  async runTests(specs, watcher, options) {
    const names = this._globalConfig.testNamePattern;
    if (!names) {
      this.on('test-file-success', ([spec, { testResults }]) => remember(spec, testResults));
      return super.runTests(specs, watcher, options);
    }
    let noticed = false;
    this.on('test-file-success', ([, result]) => (noticed ||= result.numFailingTests > 0 || result.testExecError));
    this.on('test-file-failure', () => (noticed = true));
    for (const spec of nearestFirst(specs, new RegExp(names, 'i'))) {
      await super.runTests([spec], watcher, options);
      if (noticed) return noteNoticed(spec);
    }
  }
}

function remember(spec, testResults) {
  const tests = testResults.map(({ fullName, duration }) => ({ fullName, duration: duration ?? 0 }));
  writeFileSync(fileOf(spec), JSON.stringify(tests));
}

/** A spec file that nothing is known of runs too: leaving it out could hide that it notices the change. */
function nearestFirst(specs, names) {
  const lately = specs.length > 0 ? noticedLately(specs[0]) : [];
  const rankOf = ({ path }) => (lately.includes(path) ? lately.indexOf(path) : lately.length);
  return specs
    .map((spec) => ({ spec, tests: testsOf(spec)?.filter(({ fullName }) => names.test(fullName)) }))
    .filter(({ tests }) => tests === undefined || tests.length > 0)
    .toSorted((a, b) => rankOf(a.spec) - rankOf(b.spec) || millisecondsOf(a.tests) - millisecondsOf(b.tests))
    .map(({ spec }) => spec);
}

/** The spec files that noticed the latest changes, the last one first. Stryker starts new processes, so a file keeps them. */
function noticedLately(spec) {
  const file = join(folderOf(spec), 'noticed-lately.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}

function noteNoticed(spec) {
  const lately = [spec.path, ...noticedLately(spec).filter((path) => path !== spec.path)];
  const file = join(folderOf(spec), 'noticed-lately.json');
  // Other processes never read half a file.
  writeFileSync(`${file}.${process.pid}`, JSON.stringify(lately));
  renameSync(`${file}.${process.pid}`, file);
}

const millisecondsOf = (tests = []) => tests.reduce((sum, { duration }) => sum + duration, 0);

function testsOf(spec) {
  return existsSync(fileOf(spec)) ? JSON.parse(readFileSync(fileOf(spec), 'utf8')) : undefined;
}

function fileOf(spec) {
  const hash = createHash('sha1').update(spec.path).digest('hex').slice(0, 8);
  return join(folderOf(spec), `${basename(spec.path)}-${hash}.json`);
}

function folderOf({ context }) {
  const folder = join(context.config.rootDir, '.mutants', 'tests-of-specs');
  mkdirSync(folder, { recursive: true });
  return folder;
}
