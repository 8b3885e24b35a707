#!/usr/bin/env node
// The command line is TypeScript and needs Node 24, which `npm ci` put into node_modules. This file runs on any Node 20+:
// where it is older than 24, it starts the same command line with that Node and hands signals and exit code through.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const main = new URL('./arboleda.ts', import.meta.url);
const [major] = process.versions.node.split('.').map(Number);

if (major >= 24) {
  await import(main.href);
} else {
  const node = fileURLToPath(
    new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
  );
  if (!existsSync(node)) {
    process.stderr.write(
      `arboleda: Node 24 is needed and this is ${process.version}; run \`npm ci\` in the repository, which brings it\n`,
    );
    process.exit(1);
  }
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`arboleda: ${node} does not start: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
