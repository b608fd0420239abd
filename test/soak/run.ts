// npm run soak -- [10m] [--on redis|postgres] [--people 300] [--seed 1]: prints what was found, and fails if anything is
// wrong.
import { parseArgs } from 'node:util';
import ms from 'ms';
import { soak, type SoakOptions } from './support/soak.js';
import { problemsOf } from './support/problems.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    on: { type: 'string', default: 'redis' },
    people: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
  },
});
const milliseconds = ms((positionals[0] ?? '10m') as ms.StringValue);
const options = {
  milliseconds,
  on: values.on as SoakOptions['on'],
  people: Number(values.people),
  seed: Number(values.seed),
};
console.log(options);
const findings = await soak(options);
console.log(JSON.stringify(findings, undefined, 2));
const problems = problemsOf(findings);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
