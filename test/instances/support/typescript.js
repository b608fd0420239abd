// Lets Node run TypeScript with decorators: node --import ./typescript.js
import { transformFile } from '@swc/core';
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';

// This file is both: what registers the hooks, and the hooks.
if (!new URL(import.meta.url).searchParams.has('hooks')) register(`${import.meta.url}?hooks`);

// TypeScript is imported by the name that it has once it is compiled.
export function resolve(specifier, context, next) {
  if (!context.parentURL?.endsWith('.ts') || !/^\.{1,2}\/.*\.js$/.test(specifier)) return next(specifier, context);
  const inTypeScript = specifier.replace(/\.js$/, '.ts');
  return next(existsSync(new URL(inTypeScript, context.parentURL)) ? inTypeScript : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transformFile(fileURLToPath(url), {
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
    module: { type: 'es6' },
  });
  return { format: 'module', source: code, shortCircuit: true };
}
