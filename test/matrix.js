// Runs the core suites, or some of them, on several versions of Node: npm run test:matrix [-- 22 24] [test/policy].
// The binaries come from the packages that the package "node" installs.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const given = process.argv.slice(2);
const named = given.filter((word) => /^\d/.test(word));
const versions = named.length > 0 ? named : ['20', '22', '24', '26'];
const suites = given.filter((word) => !named.includes(word));

// What is left out starts processes, browsers or npm, and is the same on each version.
const apart = ['instances', 'sample', 'package', 'browser', 'engines'].map((folder) => `<rootDir>/test/${folder}/`);
const ignored = ['/node_modules/', ...apart].map((folder) => `--testPathIgnorePatterns=${folder}`);

/** The path of a Node of this version, installed once; `undefined` if it cannot be had for this machine. */
function nodeOf(version) {
  const folder = `${root}node_modules/.cache/node-${version}/`;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const binary = `${folder}node_modules/${name}/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
  if (existsSync(binary)) return binary;
  mkdirSync(folder, { recursive: true });
  const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--force'];
  spawnSync('npm', ['install', '--prefix', folder, ...options, `${name}@${version}`], { stdio: 'inherit' });
  return existsSync(binary) ? binary : undefined;
}

const results = versions.map((version) => {
  const node = nodeOf(version);
  if (!node) return { version, result: 'cannot be had for this machine' };
  const exact = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
  console.log(`\nNode ${exact}`);
  const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const jest = `${root}node_modules/jest/bin/jest.js`;
  const { status } = spawnSync(node, [...flags, jest, ...suites, ...ignored], { cwd: root, stdio: 'inherit' });
  return { version: exact, result: status === 0 ? 'passed' : 'failed' };
});

console.table(results);
process.exitCode = results.every(({ result }) => result === 'passed') ? 0 : 1;
