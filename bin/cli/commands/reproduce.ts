import type { Command } from 'commander';
import type { RunDetail } from '../api-types.ts';
import { artifactBytes, dataBytes } from '../artifact.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';

/** Results are the same, and something that surrounds them is not: code, definition, lock file or Node.js. */
const OTHER_CONDITIONS = 3;

/** reproduce: a run done again from its recorded data, and compared byte by byte. */
export function addReproduceCommand(program: Command): void {
  program
    .command('reproduce')
    .description(
      'do a finished run again in a clean folder, from its recorded data, and compare model bytes and metrics; exit code 0 where identical, 3 where only code, definition, lock file or Node.js differ, else 1',
    )
    .argument('<run>')
    .option('--keep <dir>', 'keep the working folder here: empty, or not there yet')
    .action(async (runId: string, { keep }: { keep?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      // Only here: the engine and the bundler are more than any other command loads.
      const [{ reproduce }, { hereIn }, { reproductionText }, { ROOT }] = await Promise.all([
        import('../reproduce/reproduce.ts'),
        import('../reproduce/here.ts'),
        import('../reproduce/text.ts'),
        import('../../local/paths.ts'),
      ]);
      const found = await reproduce(runId, {
        source: {
          run: (id) => api.get<RunDetail>(path`/runs/${id}`),
          data: (sha256) => dataBytes(api, sha256),
          artifact: (id, artifact) => artifactBytes(api, id, artifact),
        },
        here: () => hereIn(ROOT),
        keep,
        note: out.note,
      });
      out.result(found, () => reproductionText(found));
      process.exitCode = found.identical ? 0 : found.sameResults ? OTHER_CONDITIONS : 1;
    });
}
