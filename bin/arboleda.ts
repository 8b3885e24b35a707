import { CommanderError } from 'commander';
import { describeError, errorText } from './cli/output.ts';
import { buildProgram } from './cli/program.ts';
import { InterruptedError } from './local/stay.ts';

/**
 * Exit codes: 0 done; 1 the command failed; 2 wrong usage; 3 reproduced under other conditions; 130 interrupted.
 * The process ends itself: an emulator's kept-alive connection would hold it open for a minute.
 */
async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const fail = (body: ReturnType<typeof describeError>, code: number): number => {
    if (json) process.stdout.write(`${JSON.stringify({ error: body }, null, 2)}\n`);
    else process.stderr.write(errorText(body));
    return code;
  };
  try {
    const words = argv[0] === '--version' ? ['-V', ...argv.slice(1)] : [...argv];
    await buildProgram(json).parseAsync(words, { from: 'user' });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      if (!json) return 2; // commander has said what is wrong already
      const message = error.message.replace(/^error: /, '') || 'wrong usage';
      return fail({ code: 'USAGE', message, remedy: 'See `npx arboleda --help`.' }, 2);
    }
    if (error instanceof InterruptedError) return 130;
    return fail(describeError(error), 1);
  }
}

process.exit(await main(process.argv.slice(2)));
