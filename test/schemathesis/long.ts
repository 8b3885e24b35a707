/**
 * `npm run schemathesis:long -- --cases 1000 --out FILE [GROUP...]`: the groups of support/groups.ts one after the other, each over
 * a server in this process with a world of its own. A line a group goes to standard output and, with every operation's count, to FILE
 * (JSON lines); a group that FILE already has is passed over, so that a run which was ended goes on. `--paths REGEX` asks the operations of
 * such paths in place of a group, as after a mend, or with another `--seed` where the generator gave up early. The exit code is 1 where a group failed, and what failed is on standard error with the curl command that repeats it.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { GROUPS } from './support/groups.ts';
import { runSchemathesis } from './support/run.ts';
import { seed } from './support/seeds.ts';
import { statuses, tallies } from './support/tally.ts';
import { serveWholeApi } from './support/whole.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '20261122' },
    out: { type: 'string' },
    paths: { type: 'string' },
  },
});
const known =
  values.paths === undefined
    ? GROUPS.filter(([name]) => positionals.length === 0 || positionals.includes(name))
    : [[`${values.paths} seed ${values.seed}`, values.paths] as const];
if (known.length === 0)
  throw new Error(`no such group; there are: ${GROUPS.map(([name]) => name).join('; ')}`);
const done = values.out === undefined ? '' : await readFile(values.out, 'utf8').catch(() => '');
const held = done
  .split('\n')
  .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { group: string }).group]));
process.env.SCHEMATHESIS_ECONOMY = '1';
// Stages that run to make the world tell so; what is told here is the record.
const { log } = console;
console.log = () => {};

for (const [name, paths] of known.filter(([name]) => !held.includes(name))) {
  const served = await serveWholeApi(25);
  const token = served.admin;
  const target = { url: served.url, token, seeds: await seed(served.url, token) };
  await served.keep();
  const began = performance.now();
  const { report, output, sent } = await runSchemathesis(target, {
    cases: Number(values.cases),
    phases: ['examples', 'coverage', 'fuzzing'],
    seed: Number(values.seed),
    paths,
    strict: true,
  });
  const operations = tallies(sent);
  const own = served.errors.length;
  const record = {
    group: name,
    operations: report.operations.tested,
    cases: report.test_cases.generated,
    fewest: Math.min(...operations.map(({ cases }) => cases)),
    failures: report.failures.length,
    errors: report.errors.length,
    errorsLogged: own,
    seconds: Math.round((performance.now() - began) / 1_000),
    answers: statuses(sent),
  };
  log(JSON.stringify(record));
  if (values.out !== undefined) {
    await appendFile(
      values.out,
      `${JSON.stringify({ ...record, at: new Date().toISOString(), byOperation: operations })}\n`,
    );
  }
  if (record.failures + record.errors + own > 0 || !report.complete) {
    process.exitCode = 1;
    process.stderr.write(
      `${output.slice(output.indexOf('= FAILURES'))}\n${served.errors.slice(0, 5).join('')}\n`,
    );
  }
  await served.close();
}
