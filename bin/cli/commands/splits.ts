import { Argument, type Command, Option } from 'commander';
import type { VersionReport } from '../../../lib/tracking/splits/report.ts';
import {
  SPLIT_KINDS,
  type Split,
  type SplitArm,
  type SplitKind,
} from '../../../lib/tracking/splits/types.ts';
import { path } from '../client.ts';
import { contextOf } from '../context.ts';
import { withKnownName } from '../names.ts';
import { wholeNumber } from '../options.ts';
import { arm, each, type GuardOptions, guardOf, positive, share } from '../split-options.ts';
import { reportText, splitText } from '../split-text.ts';

interface SetOptions extends GuardOptions {
  arm: SplitArm[];
  shadow?: string[];
  kind: SplitKind;
  revision?: number;
  reason: string;
}
interface EndOptions {
  revision?: number;
  reason: string;
}

const model = () => new Argument('<model>');
const revision = () =>
  new Option('--revision <number>', 'only where the split is at this revision now').argParser(wholeNumber(1));
const reason = (text: string) => new Option('--reason <text>', 'for the audit').default(text);

/** split set, show, stop, promote. */
export function addSplitCommands(program: Command): void {
  const split = program.command('split').description("divide a model's traffic between versions");
  addSet(split);

  split
    .command('show')
    .description('how the traffic is split, and how each version does')
    .addArgument(model())
    .action(async (name: string, _: object, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const answer = await withKnownName(api, 'model', name, () =>
        api.get<{ split: Split | null; versions: VersionReport[] }>(path`/models/${name}/split/report`),
      );
      const { split: found, versions } = answer;
      out.result(answer, () => {
        if (found === null) return `${name}: the version in production answers everything`;
        return [splitText(found), ...(versions.length > 0 ? [reportText(versions)] : [])].join('\n');
      });
    });

  split
    .command('stop')
    .description('let the version in production answer everything')
    .addArgument(model())
    .addOption(revision())
    .addOption(reason('stopped from the command line'))
    .action(async (name: string, options: EndOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const given = {
        reason: options.reason,
        ...(options.revision && { revision: String(options.revision) }),
      };
      const answer = await withKnownName(api, 'model', name, () =>
        api.delete<{ stopped: Split | null }>(`${path`/models/${name}/split`}?${new URLSearchParams(given)}`),
      );
      const was = answer.stopped === null ? 'there was no split' : 'the split is stopped';
      out.result(answer, () => `${name}: ${was}; the version in production answers everything`);
    });

  split
    .command('promote')
    .description('put a version of the split into production and end the split, in one step')
    .addArgument(model())
    .argument('[version]', 'which; without it the one beside the version in production')
    .addOption(revision())
    .addOption(reason('promoted from the command line'))
    .action(async (name: string, version: string | undefined, options: EndOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const api = await client();
      const answer = await withKnownName(api, 'model', name, () =>
        api.post<{ version: string; previousVersion: string | null }>(path`/models/${name}/split/promote`, {
          version,
          ...options,
        }),
      );
      const before = answer.previousVersion === null ? '' : `, before it version ${answer.previousVersion}`;
      out.result(
        answer,
        () => `${name}: production is version ${answer.version}${before}; the split is ended`,
      );
    });
}

function addSet(split: Command): void {
  split
    .command('set')
    .description('split the traffic, or change how it is split')
    .addArgument(model())
    .addOption(
      new Option('--arm <version=percent>', 'a version and its share; once a version, 100 in all')
        .argParser(arm)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--shadow <version>', 'computes what another answers, for the log').argParser(each))
    .addOption(new Option('--kind <kind>', 'blue-green has a guard').choices(SPLIT_KINDS).default('ab'))
    .addOption(
      new Option('--max-error-rate <share>', 'guard: share of failed requests, 0 to 1 (0.05)').argParser(
        share,
      ),
    )
    .addOption(
      new Option('--max-latency <ms>', 'guard: 95th percentile of latency (1000)').argParser(positive),
    )
    .addOption(
      new Option('--min-requests <number>', 'guard: requests to judge by (50)').argParser(wholeNumber(1)),
    )
    .addOption(
      new Option('--window <minutes>', 'guard: how far it looks back (15)').argParser(wholeNumber(1)),
    )
    .addOption(revision())
    .addOption(reason('set from the command line'))
    .action(async (name: string, options: SetOptions, command: Command) => {
      const { out, client } = contextOf(command);
      const { arm: arms, shadow: shadows, kind, revision: seen, reason: why } = options;
      const guard = guardOf(options, kind === 'blue-green');
      const api = await client();
      const answer = await withKnownName(api, 'model', name, () =>
        api.put<{ split: Split }>(path`/models/${name}/split`, {
          kind,
          arms,
          shadows,
          guard,
          revision: seen,
          reason: why,
        }),
      );
      out.result(answer, () => splitText(answer.split));
    });
}
