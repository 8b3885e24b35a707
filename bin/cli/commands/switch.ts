import type { Command } from 'commander';
import { counted, grouped } from '../../../lib/table/counted.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { revertModel, type Switched, switchModel } from '../switch/switch-model.ts';

/** switch, revert. */
export function addSwitchCommands(program: Command): void {
  program
    .command('switch')
    .description('put a version into production: checked and warmed before, proved by answers after')
    .argument('<model>')
    .argument('<version>')
    .option('--accept-schema', 'also where it refuses rows that the present version answers')
    .option('--reason <text>', 'for the audit')
    .action(
      async (
        model: string,
        version: string,
        options: { acceptSchema?: boolean; reason?: string },
        command: Command,
      ) => {
        const { out, client } = contextOf(command);
        const api = await client();
        const done = await withKnownName(api, 'model', model, () =>
          switchModel(api, { model, version, ...options }),
        );
        out.result(done, () => switchedText(done));
      },
    );

  program
    .command('revert')
    .description('take back the last switch or promotion at once, and prove it by answers')
    .argument('<model>')
    .option('--reason <text>', 'for the audit')
    .action(async (model: string, options: { reason?: string }, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const done = await withKnownName(api, 'model', model, () => revertModel(api, { model, ...options }));
      out.result(done, () => switchedText(done));
    });
}

function switchedText(done: Switched): string {
  const { model, version, previousVersion, requests, failed, firstNew, lastOld, schemaChanges = [] } = done;
  const from = previousVersion === null ? '' : `, before it version ${previousVersion}`;
  const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(2)} s`;
  return [
    `${model}: production is version ${version}${from}`,
    `  first answer of version ${version} after ${seconds(firstNew ?? 0)}${lastOld === null ? '' : `, the last of another version after ${seconds(lastOld)}`}`,
    `  ${counted(requests, 'request')} meanwhile, ${grouped(failed)} failed`,
    ...schemaChanges.map((change) => `  row schema: ${change}`),
  ].join('\n');
}
