import { expect, inject } from 'vitest';
import { type CliResult, runCli } from '../../support/cli.ts';
import { DATA_FOLDER } from './data.ts';

/** The command line over the deployed stack. */
export interface StackCli {
  env(): Record<string, string | undefined>;
  cli(...args: string[]): Promise<CliResult>;
  /** A command's JSON. @throws Error with both outputs where it failed */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  json(...args: string[]): Promise<any>;
  /** A failing command's error. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came.
  failure(...args: string[]): Promise<any>;
}

/** @param data the folder of real data that commands push from; undefined for none */
export function stackCli({ data = DATA_FOLDER }: { data?: string | null } = {}): StackCli {
  const env = () => ({ ARBOLEDA_LOCAL_DIR: inject('stack').dir, ARBOLEDA_DATA: data ?? undefined });
  const cli = (...args: string[]) => runCli(args, env());
  return {
    env,
    cli,
    async json(...args) {
      const { code, stdout, stderr } = await cli(...args, '--json');
      if (code !== 0) throw new Error(`${args.join(' ')} ended ${code}\n${stdout}${stderr}`);
      return JSON.parse(stdout);
    },
    async failure(...args) {
      const { code, stdout } = await cli(...args, '--json');
      expect(code).toBe(1);
      return JSON.parse(stdout).error;
    },
  };
}
