import type { Command } from 'commander';
import { readLocalFile } from '../../local/local-file.ts';
import { progressLines } from '../../local/progress.ts';
import { interruptSignal } from '../../local/stay.ts';
import { down, up } from '../../local/up.ts';
import { ApiClient } from '../client.ts';
import { contextOf } from '../context.ts';
import { endCutOffRuns } from '../cut-off.ts';
import { portOption } from '../options.ts';
import { runStart } from '../start.ts';

/** up, down, start: the local stack. */
export function addStackCommands(program: Command): void {
  program
    .command('up')
    .description('start the local stack (emulator, bootstrap, deploy), or find it running')
    .addOption(portOption())
    .action(async ({ port }: { port?: number }, command: Command) => {
      const { out } = contextOf(command);
      const say = progressLines();
      const { local, deployed, emulator } = await up({ port, say, signal: interruptSignal().signal });
      const client = new ApiClient({ apiUrl: local.apiUrl, token: local.adminToken, name: 'local' });
      if (!emulator.reused) await endCutOffRuns(client, say);
      const { adminToken: _, ...shown } = local;
      out.result({ ...shown, deployed, reused: emulator.reused, docs: `${local.apiUrl}/docs` }, () =>
        [
          `API   ${local.apiUrl}`,
          `docs  ${local.apiUrl}/docs`,
          `AWS   ${local.endpoint}`,
          'ends with: npx arboleda down',
        ].join('\n'),
      );
    });

  program
    .command('down')
    .description('end the local stack; its runs, models and data are kept for the next start')
    .option('--clean', 'forget them too')
    .action(async ({ clean = false }: { clean?: boolean }, command: Command) => {
      const { out } = contextOf(command);
      const was = readLocalFile() !== undefined;
      await down({ clean, say: progressLines() });
      out.result({ stopped: was, clean }, () =>
        was ? 'the local stack is down' : 'there was no local stack',
      );
    });

  program
    .command('start')
    .description('up, run every pipeline (or those named), show their metrics, and stay until Ctrl-C')
    .argument('[pipelines...]', 'run these only')
    .option('--exit', 'end everything and exit 0 instead of staying')
    .addOption(portOption())
    .action(async (only: string[], options: { exit?: boolean; port?: number }, command: Command) => {
      await runStart({ ...options, only }, contextOf(command).out);
    });
}
