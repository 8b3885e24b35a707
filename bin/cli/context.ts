import type { Command } from 'commander';
import { type ApiClient, connect } from './client.ts';
import { makeOutput, type Output } from './output.ts';

/** What every command is given besides its own arguments. */
export interface CommandContext {
  out: Output;
  /** The API of the stack that the options name; only asked for by commands that need one. */
  client(): Promise<ApiClient>;
}

interface GlobalOptions {
  json?: boolean;
  stack?: string;
}

/** Reads the options that every command shares. */
export function contextOf(command: Command): CommandContext {
  const { json = false, stack } = command.optsWithGlobals<GlobalOptions>();
  return { out: makeOutput(json), client: () => connect(stack) };
}
