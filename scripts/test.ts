import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

/**
 * `npm test`: all that needs nothing but Node.js and Python, in lanes side by side. Much of what talks to an emulator waits, and
 * one process of vitest runs projects of one worker and of many one after the other, so the lanes take half of the time.
 * `--report FILE` writes vitest's JSON report of all lanes as one. For a part of it call vitest: `npx vitest run --project unit PATH`.
 */
const LANES: Readonly<Record<string, readonly string[]>> = {
  deployed: ['integration', 'stacks'],
  here: ['unit', 'property', 'chaos', 'infra'],
};

interface Report {
  numTotalTests: number;
  numPassedTests: number;
  success: boolean;
  testResults: FileReport[];
}

interface FileReport {
  name: string;
  message?: string;
  status?: string;
  assertionResults: { status: string; fullName: string; failureMessages?: string[] | null }[];
}

interface Lane {
  name: string;
  reportFile: string;
  child: ChildProcess;
  ended: Promise<number>;
}

/** Starts a lane; its output goes line by line to this process's, so that a line is never cut by the other lane's. */
function start(name: string, projects: readonly string[], folder: string): Lane {
  const reportFile = join(folder, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const args = ['run', ...projects.flatMap((project) => ['--project', project]), ...reporters];
  const child = spawn('vitest', args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  createInterface({ input: child.stdout! }).on('line', (line) => console.log(line));
  createInterface({ input: child.stderr! }).on('line', (line) => console.error(line));
  const ended = new Promise<number>((resolve) => {
    child.on('error', (error) => {
      console.error(`vitest did not start: ${error.message}; run \`npm ci\` first`);
      resolve(1);
    });
    child.on('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  return { name, reportFile, child, ended };
}

/** Its report; undefined where the lane ended before it wrote one. */
function reportOf({ reportFile }: Lane): Report | undefined {
  try {
    return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
  } catch {
    return undefined;
  }
}

/** Each failed test in two lines: the last lines of a long log are the ones that are read. */
function failures({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const lines = failed.map(
      ({ fullName, failureMessages }) => `failed: ${name} > ${fullName}\n    ${short(failureMessages?.[0])}`,
    );
    // A file that could not be loaded has no tests.
    return failed.length === 0 && status === 'failed' ? [`failed: ${name}\n    ${short(message)}`] : lines;
  });
}
const short = (text = ''): string => text.split('\n', 1)[0]!.slice(0, 300);

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const folder = mkdtempSync(join(tmpdir(), 'arboleda-lanes-'));
const lanes = Object.entries(LANES).map(([name, projects]) => start(name, projects, folder));
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const { child } of lanes) child.kill(signal);
  });
}
const codes = await Promise.all(lanes.map(({ ended }) => ended));
const reports = lanes.map(reportOf);
const sum = (of: (report: Report) => number): number =>
  reports.reduce((total, report) => total + (report ? of(report) : 0), 0);
const all: Report = {
  numTotalTests: sum((report) => report.numTotalTests),
  numPassedTests: sum((report) => report.numPassedTests),
  success: codes.every((code) => code === 0),
  testResults: reports.flatMap((report) => report?.testResults ?? []),
};
rmSync(folder, { recursive: true, force: true });
if (values.report !== undefined) writeFileSync(values.report, JSON.stringify(all));
for (const report of reports) for (const line of report ? failures(report) : []) console.log(line);
lanes.forEach(({ name }, i) => {
  const report = reports[i];
  const counts = report ? `${report.numPassedTests} of ${report.numTotalTests} tests passed` : 'no report';
  console.log(`lane ${name}: ${codes[i] === 0 ? 'passed' : `ended ${codes[i]}`}, ${counts}`);
});
process.exitCode = codes.find((code) => code !== 0) ?? 0;
