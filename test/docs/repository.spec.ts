import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { root } from './support/pages.js';

const read = (name: string) => readFileSync(root + name, 'utf8');

const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
const home = repository.url.replace(/^git\+|\.git$/g, '');

const below = (folder: string) =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((name) => /\.(md|ya?ml)$/.test(name));
const documents = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'packages/client/README.md'].concat(
  below('.github'),
  below('docs'),
);
const manifests = ['package.json', 'packages/client/package.json'];

/** Addresses of this repository, of whatever organisation, also of its raw files. */
const addressesIn = (text: string) =>
  [
    ...text.matchAll(
      /https:\/\/(?:raw\.githubusercontent|github)\.com\/[\w.-]+\/nestjs-session-timeout(?![\w-])[^\s"')]*/g,
    ),
  ].map(([address]) => address);

test('every address of the repository names the one of package.json', () => {
  const raw = home.replace('//github.com/', '//raw.githubusercontent.com/');
  const others = [...documents, ...manifests].flatMap((name) =>
    addressesIn(read(name)).filter((address) => ![home, raw].some((own) => address.startsWith(own))),
  );
  expect(others).toEqual([]);
});

test.each([
  'README.md',
  '.github/SECURITY.md',
  '.github/CODE_OF_CONDUCT.md',
  '.github/ISSUE_TEMPLATE/config.yml',
  'packages/client/README.md',
  ...manifests,
])('%s names the repository', (name) => {
  expect(addressesIn(read(name))).not.toEqual([]);
});

test('the README clones the repository', () => {
  expect(read('README.md')).toContain(`git clone ${home}.git && cd ${posix.basename(home)}\n`);
});

test('CONTRIBUTING says which name stands for the organisation', () => {
  expect(read('CONTRIBUTING.md')).toContain(`\`${posix.basename(posix.dirname(home))}\``);
});

test('addresses of files in the repository lead to a file', () => {
  const files = documents
    .flatMap((name) => addressesIn(read(name)))
    .flatMap((address) => /\/(?:blob\/)?HEAD\/([^#]+)/.exec(address)?.[1] ?? []);
  expect(files).toContain('docs/images/warning.png');
  expect(files.filter((name) => !existsSync(root + name))).toEqual([]);
});

/** The links of a document to files beside it. */
const linksOf = (name: string) =>
  [...read(name).matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^https?:/.test(link));

test.each(['CONTRIBUTING.md', ...below('.github')])('%s has no broken links', (name) => {
  const targets = linksOf(name).map((link) => posix.join(posix.dirname(name), link));
  expect(targets.filter((target) => !existsSync(root + target))).toEqual([]);
});

// The registry's page puts the repository before relative links and pictures, and its `directory`, if there is one.
describe('on the page of the registry', () => {
  test('the links and the moving picture of the README lead into the repository', () => {
    const outside = linksOf('README.md').filter(
      (link) => link.startsWith('/') || posix.normalize(link).startsWith('..'),
    );
    expect(outside).toEqual([]);
    expect(repository).not.toHaveProperty('directory');
    expect(linksOf('README.md')).toContain('docs/images/two-tabs.png');
  });

  test('the README of the client has absolute links only', () => {
    expect(linksOf('packages/client/README.md')).toEqual([]);
  });
});
