import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/tarball.js';

type Entry = { types: string; default: string } | string;

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, Entry> };
const entries = Object.entries(manifest.exports).flatMap(([name, entry]) =>
  typeof entry === 'string' ? [] : [{ name, types: join(root, entry.types), code: join(root, entry.default) }],
);

const program = ts.createProgram(
  entries.map(({ types }) => types),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();

/** The names that an entry exports: values, and after them the types. */
function exportsOf(types: string): { values: string[]; types: string[] } {
  const module = checker.getSymbolAtLocation(program.getSourceFile(types) as ts.SourceFile) as ts.Symbol;
  const named = checker.getExportsOfModule(module).map((symbol) => ({
    name: symbol.name,
    isValue: isValue(symbol),
  }));
  const names = (wanted: boolean) =>
    named
      .filter(({ isValue }) => isValue === wanted)
      .map(({ name }) => name)
      .toSorted();
  return { values: names(true), types: names(false) };
}

function isValue(symbol: ts.Symbol): boolean {
  const isTypeOnly = symbol.declarations?.some(
    (declaration) => ts.isExportSpecifier(declaration) && ts.isTypeOnlyImportOrExportDeclaration(declaration),
  );
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return !isTypeOnly && Boolean(target.flags & ts.SymbolFlags.Value);
}

/** Every package that the declarations name, from an entry on. */
function packagesOf(types: string, seen = new Set<string>()): Set<string> {
  const source = program.getSourceFile(types) as ts.SourceFile;
  seen.add(types);
  for (const { fileName } of ts.preProcessFile(source.text).importedFiles) {
    if (fileName.startsWith('.')) {
      const next = join(types, '..', fileName.replace(/\.js$/, '.d.ts'));
      if (!seen.has(next)) packagesOf(next, seen);
    } else seen.add(fileName.replace(/^(@[^/]+\/[^/]+|[^/]+).*/, '$1'));
  }
  return new Set([...seen].filter((name) => !name.startsWith(root)));
}

test('every entry exports exactly these names: one less breaks users, one more is a promise', () => {
  const all = Object.fromEntries(entries.map(({ name, types }) => [name, exportsOf(types)]));
  expect(all).toMatchInlineSnapshot(`
   {
     ".": {
       "types": [
         "Activity",
         "ActivityLedger",
         "AnonymousStatus",
         "Claim",
         "Claimed",
         "Clock",
         "DraftOptions",
         "Duration",
         "EndedEvent",
         "EndedRecord",
         "Ending",
         "Expired",
         "ExpiredEvent",
         "ExpiredStatus",
         "Expiry",
         "ExpiryReason",
         "KeyedRecord",
         "LedgerFailedEvent",
         "LedgerLimits",
         "LedgerRecord",
         "Limits",
         "LiveStatus",
         "MaybePromise",
         "OpenRecord",
         "Opening",
         "PingReply",
         "PolicyDescription",
         "PolicyInForce",
         "Reading",
         "Reason",
         "ReauthenticationRequiredProblem",
         "ReportRejectedEvent",
         "RequirementState",
         "RequirementStatus",
         "SessionDevice",
         "SessionEvent",
         "SessionExpiredProblem",
         "SessionInfo",
         "SessionLimits",
         "SessionTimeoutAsyncOptions",
         "SessionTimeoutExtras",
         "SessionTimeoutOptions",
         "SessionTimeoutOptionsFactory",
         "StartedEvent",
         "TooManySessionsProblem",
         "UserSessions",
         "WhenFull",
         "WouldHaveExpiredEvent",
       ],
       "values": [
         "AllowExpired",
         "FreshAuthGuard",
         "LedgerUnavailableError",
         "MemoryLedger",
         "PassiveRoute",
         "ReauthenticationRequiredException",
         "RequireFreshAuth",
         "SessionExpiredException",
         "SessionExpiredFilter",
         "SessionProblemFilter",
         "SessionStatus",
         "SessionTimeoutGuard",
         "SessionTimeoutInterceptor",
         "SessionTimeoutMiddleware",
         "SessionTimeoutModule",
         "SessionTimeoutOptionsError",
         "SessionTimeoutService",
         "SessionUnavailableException",
         "TooManySessionsException",
         "presets",
         "safeReturnTo",
       ],
     },
     "./client": {
       "types": [
         "CoreOptions",
         "CoreParts",
         "FrameMessage",
         "LanguageOptions",
         "OnLeave",
         "SessionRestoredEvent",
         "SessionSnapshot",
         "SessionTimeoutClient",
         "SessionTimeoutClientOptions",
         "SessionTimeoutCore",
         "SignInOptions",
         "Strings",
       ],
       "values": [
         "advice",
         "browserTabs",
         "departure",
         "guardForms",
         "isScriptedInput",
         "pageCover",
         "serverTimings",
         "startCore",
         "startSessionTimeout",
         "unknownSnapshot",
         "warningDialog",
         "watchFrames",
       ],
     },
     "./postgres": {
       "types": [
         "PostgresClient",
         "PostgresLedgerOptions",
       ],
       "values": [
         "PostgresLedger",
       ],
     },
     "./redis": {
       "types": [
         "IoRedisClient",
         "NodeRedisClient",
         "RedisClient",
         "RedisLedgerOptions",
       ],
       "values": [
         "RedisLedger",
       ],
     },
     "./sockets": {
       "types": [
         "SessionAdapter",
         "SessionSocketOptions",
         "SocketAdapterClass",
       ],
       "values": [
         "withSession",
       ],
     },
     "./testing": {
       "types": [
         "LedgerCheck",
         "LedgerSubject",
       ],
       "values": [
         "ManualClock",
         "ledgerConformance",
       ],
     },
   }
  `);
});

test.each(entries)('$name exports what its types declare', async ({ types, code }) => {
  expect(Object.keys(await import(code)).toSorted()).toEqual(exportsOf(types).values);
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
