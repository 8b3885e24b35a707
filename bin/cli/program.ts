import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addTokenCommands } from './commands/access.ts';
import { addBenchPredictCommand } from './commands/bench-predict.ts';
import { addCollectorCommands } from './commands/collector.ts';
import { addDataCommands } from './commands/data.ts';
import { addDiffCommand } from './commands/diff.ts';
import { addDownloadCommand } from './commands/download.ts';
import { addExchangeCommands } from './commands/exchange.ts';
import { addModelStageCommands } from './commands/model-stages.ts';
import { addModelCommands } from './commands/models.ts';
import { addMonitoringCommands } from './commands/monitoring.ts';
import { addPipelineCommands } from './commands/pipelines.ts';
import { addPredictCommand } from './commands/predict.ts';
import { addPredictBatchCommand } from './commands/predict-batch.ts';
import { addPredictionsCommand } from './commands/predictions.ts';
import { addReproduceCommand } from './commands/reproduce.ts';
import { addRunReportCommands } from './commands/run-reports.ts';
import { addRunCommands } from './commands/runs.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSplitCommands } from './commands/splits.ts';
import { addStackCommands } from './commands/stack.ts';
import { addSwitchCommands } from './commands/switch.ts';
import { addTrainCommand } from './commands/train.ts';
import { addMlflowCommand, addWorkspaceCommands } from './commands/workspaces.ts';

/** The whole command line. Throws CommanderError on wrong usage instead of ending the process. */
export function buildProgram(json: boolean): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  const program = new Command('arboleda')
    .description(
      'Serverless MLOps for tabular models: data in, a registered model out, predictions over HTTPS.',
    )
    // Not `--version`: that is an option of predict. bin/arboleda.ts takes it where it stands alone.
    .version(version, '-V')
    .option('--json', 'print the result, or the error, as JSON on stdout')
    .option('--stack <name>', 'a stack in the cloud instead of the local one')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeErr: (text) => (json ? undefined : process.stderr.write(text)) })
    .exitOverride();
  addStackCommands(program);
  addRunCommands(program);
  addRunReportCommands(program);
  addDiffCommand(program);
  addDownloadCommand(program);
  addReproduceCommand(program);
  addPipelineCommands(program);
  addDataCommands(program);
  addCollectorCommands(program);
  addModelCommands(program);
  addModelStageCommands(program);
  addSplitCommands(program);
  addSwitchCommands(program);
  addPredictCommand(program);
  addPredictBatchCommand(program);
  addBenchPredictCommand(program);
  addPredictionsCommand(program);
  addMonitoringCommands(program);
  addTokenCommands(program);
  addWorkspaceCommands(program);
  addMlflowCommand(program);
  addTrainCommand(program);
  addExchangeCommands(program);
  addServeCommand(program);
  inherit(program);
  return program;
}

/** Subcommands made before `exitOverride` reached them, or nested ones, behave as the program does. */
function inherit(parent: Command): void {
  for (const command of parent.commands) {
    command.copyInheritedSettings(parent);
    inherit(command);
  }
}
