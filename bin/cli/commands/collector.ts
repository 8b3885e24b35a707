import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CollectorReport, Poll } from '../../../lib/http/types.ts';
import { interruptSignal } from '../../local/stay.ts';
import type { SampleOptions } from '../../samples/serve.ts';
import { path } from '../client.ts';
import { collectorText } from '../collector-text.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';

interface Settings {
  url?: string;
  every?: number;
  subsets?: number;
  group?: number;
}

interface CollectorOptions extends Settings {
  pause?: boolean;
  resume?: boolean;
  restart?: boolean;
  poll?: boolean;
}

/** collector, samples. */
export function addCollectorCommands(program: Command): void {
  program
    .command('collector')
    .description('what a pipeline collects by batches, and how far it is; with options, change it first')
    .argument('<pipeline>')
    .option('--url <url>', 'what to ask: another address is another source')
    .option('--every <seconds>', 'how long a batch of the source stands', wholeNumber(1))
    .option('--subsets <count>', 'how many subsets make a round, and start a run', wholeNumber(1))
    .option('--group <number>', 'the group_number to ask for', wholeNumber())
    .addOption(new Option('--pause', 'ask no more').conflicts('resume'))
    .option('--resume', 'ask again')
    .option('--restart', 'the source begins anew: its batch numbers stand for new batches')
    .option('--poll', 'ask once, now')
    .action(async (pipeline: string, options: CollectorOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const at = path`/pipelines/${pipeline}/collector`;
      const change = changeOf(options);
      const report = await withKnownName(api, 'pipeline', pipeline, async () => {
        const changed = Object.keys(change).length > 0 && (await api.put<CollectorReport>(at, change));
        const poll = options.poll && (await api.post<Poll>(`${at}/poll`));
        if (poll) out.note(`polled: ${poll.outcome}${poll.detail ? ` (${poll.detail})` : ''}`);
        return changed && !poll ? changed : api.get<CollectorReport>(at);
      });
      out.result(report, () => collectorText(report));
    });

  program
    .command('samples')
    .description('a source of batches on this machine to try a collector on, with faults; Ctrl-C ends it')
    .requiredOption('--pipeline <name>', 'whose columns the rows have')
    .requiredOption('--data <file>', 'CSV or CSV.gz whose rows it serves')
    .option('--port <number>', 'port on 127.0.0.1; 0: any that is free', wholeNumber(), 8089)
    .option('--batches <count>', 'over how many batches the rows are dealt out', wholeNumber(1), 10)
    .option('--every <seconds>', 'how long a batch stands', wholeNumber(1), 300)
    .option('--share <number>', 'how much of its batch a sample holds', share, 0.5)
    .option('--seed <number>', 'the same seed gives the same answers', wholeNumber(), 42)
    .option(
      '--fault <kind=rate>',
      'server-error, timeout, truncated, duplicate or late; repeatable',
      fault,
      {},
    )
    .action(async (options: SampleOptions, command: Command) => {
      const { out } = contextOf(command);
      // Only here: no other command needs a server, or reads rows.
      const { serveSamples } = await import('../../samples/serve.ts');
      await serveSamples(options, out, interruptSignal().signal);
    });
}

function changeOf({ pause, resume, restart, poll: _, ...settings }: CollectorOptions): object {
  return {
    ...settings,
    ...(pause ? { state: 'paused' } : {}),
    ...(resume ? { state: 'active' } : {}),
    ...(restart ? { restart } : {}),
  };
}

function share(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 1)) throw new InvalidArgumentError('a number over 0, 1 at most');
  return value;
}

function fault(text: string, before: Record<string, number>): Record<string, number> {
  const [kind = '', rate = ''] = text.split('=');
  const value = Number(rate);
  if (rate === '' || !(value >= 0 && value <= 1)) throw new InvalidArgumentError('such as truncated=0.1');
  return { ...before, [kind]: value };
}
