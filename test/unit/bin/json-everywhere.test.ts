import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildProgram } from '../../../bin/cli/program.ts';
import { ArboledaError } from '../../../lib/errors/index.ts';

/** The commands that do something where nothing is up; test/integration runs them with --json. */
const LOCAL = ['up', 'down', 'start', 'serve'];
/** What a command needs beside its required arguments and options to get past its own check of usage. */
const FURTHER: Record<string, string[]> = {
  predict: ['x', '--row', '{}'],
  'model import': ['--out', join(tmpdir(), 'arboleda-nowhere', 'x')],
};

/** Arguments and mandatory options that take certain words only. */
const WORDS: Record<string, string> = { stage: 'Staging', '--arm': '1=100' };

const before = { ...process.env };
beforeAll(() => {
  process.env.ARBOLEDA_LOCAL_DIR = join(tmpdir(), 'arboleda-nowhere');
  delete process.env.ARBOLEDA_API_URL;
  delete process.env.ARBOLEDA_TOKEN;
});
afterAll(() => {
  process.env = before;
});

/** Every command without subcommands, by its words. */
function leaves(command: Command, words: string[] = []): [string, Command][] {
  const inner = command.commands.filter((sub) => sub.name() !== 'help');
  if (inner.length === 0) return [[words.join(' '), command]];
  return inner.flatMap((sub) => leaves(sub, [...words, sub.name()]));
}

const commands = leaves(buildProgram(true)).filter(([name]) => !LOCAL.includes(name));

/** Words that its own check of usage takes: `x` for whatever must be given. */
function usage(name: string, command: Command): string[] {
  const args = command.registeredArguments
    .filter(({ required }) => required)
    .map((argument) => WORDS[argument.name()] ?? argument.argChoices?.[0] ?? 'x');
  const options = command.options
    .filter(({ mandatory }) => mandatory)
    .flatMap(({ long, argChoices }) => [String(long), argChoices?.[0] ?? WORDS[String(long)] ?? 'x']);
  return [...name.split(' '), ...args, ...options, ...(FURTHER[name] ?? [])];
}

describe('--json', () => {
  it('knows every command that issue and README name', () => {
    const names = commands.map(([name]) => name);
    for (const name of [
      ...['run', 'cancel', 'retry', 'logs', 'schedule pause', 'schedule resume', 'data push', 'runs', 'show'],
      ...['diff', 'dag', 'models', 'promote', 'rollback', 'predict', 'token create', 'token list'],
      ...['token revoke', 'train', 'pipelines', 'reconcile'],
    ])
      expect(names).toContain(name);
  });

  it.each(commands)('is taken by %s, whose failure has a code and what to do', async (name, command) => {
    const written: string[] = [];
    const write = process.stdout.write;
    process.stdout.write = ((text: string) => written.push(text) > 0) as typeof write;
    let error: unknown;
    try {
      await buildProgram(true).parseAsync([...usage(name, command), '--json'], { from: 'user' });
    } catch (caught) {
      error = caught;
    } finally {
      process.stdout.write = write;
    }
    // A check of usage of its own ends it too: bin/arboleda.ts makes it `{"error": {"code": "USAGE", ...}}`.
    if (error instanceof CommanderError) expect(error.code).toBe('commander.error');
    else {
      expect(error).toBeInstanceOf(ArboledaError);
      expect((error as ArboledaError).toJSON()).toMatchObject({
        code: expect.stringMatching(/^[A-Z_]+$/),
        remedy: expect.stringMatching(/.{10}/),
      });
    }
    // Nothing but the one JSON document, which the caller of the program writes, may come on stdout.
    expect(written).toEqual([]);
  });
});
