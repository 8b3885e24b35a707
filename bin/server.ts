import { Command, CommanderError } from 'commander';
import { VERSION } from '../lib/http/version.ts';
import { addServeCommand } from './cli/commands/serve.ts';
import { describeError, errorText } from './cli/output.ts';

/** The `serve` command alone: what the container's one file is bundled from (`npm run bundle:server`). */
const program = new Command('arboleda').version(VERSION, '-V').exitOverride();
addServeCommand(program);
try {
  await program.parseAsync(process.argv);
} catch (error) {
  // Commander has said what is wrong with the words; the exit codes are those of the whole command line.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  process.stderr.write(errorText(describeError(error)));
  process.exit(1);
}
process.exit(0);
