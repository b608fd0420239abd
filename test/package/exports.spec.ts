import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { entries, valuesOf } from '../../scripts/api-report.js';
import { root } from './support/tarball.js';

/** Every package that the declarations name, from an entry on. */
function packagesOf(types: string, seen = new Set<string>()): Set<string> {
  seen.add(types);
  for (const { fileName } of ts.preProcessFile(readFileSync(types, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) {
      const next = join(types, '..', fileName.replace(/\.js$/, '.d.ts'));
      if (!seen.has(next)) packagesOf(next, seen);
    } else seen.add(fileName.replace(/^(@[^/]+\/[^/]+|[^/]+).*/, '$1'));
  }
  return new Set([...seen].filter((name) => !name.startsWith(root)));
}

test.each(entries)('$name exports what its types declare', async (entry) => {
  expect(Object.keys(await import(entry.code)).toSorted()).toEqual(valuesOf(entry));
});

test.each<[string, string[]]>([
  ['.', ['@nestjs/common', '@nestjs/core', 'express', 'express-session', 'rxjs']],
  ['./client', []],
  ['./redis', []],
  ['./postgres', []],
  ['./sockets', ['@nestjs/common', 'express']],
  ['./testing', []],
])('the types of %s need these packages only', (name, packages) => {
  const { types } = entries.find((entry) => entry.name === name) as (typeof entries)[number];
  expect([...packagesOf(types)].toSorted()).toEqual(packages);
});
