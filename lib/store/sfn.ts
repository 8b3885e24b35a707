import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  type SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ConflictError, NotFoundError } from '../errors/index.ts';
import { awsName, fromAws } from './aws-errors.ts';
import { ExecutionInputTooLargeError } from './errors.ts';
import { MAX_EXECUTION_INPUT_BYTES } from './limits.ts';
import type { ExecutionStatus, Executions } from './ports.ts';

/** Step Functions, one state machine. */
export class SfnExecutions implements Executions {
  readonly #client: SFNClient;
  readonly #stateMachineArn: string;

  constructor(client: SFNClient, stateMachineArn: string) {
    this.#client = client;
    this.#stateMachineArn = stateMachineArn;
  }

  async start(name: string, input: unknown): Promise<'started' | 'exists'> {
    const text = JSON.stringify(input);
    const size = Buffer.byteLength(text);
    if (size > MAX_EXECUTION_INPUT_BYTES) {
      throw new ExecutionInputTooLargeError(`the input of execution ${name} has ${size} bytes, over 256 KB`);
    }
    const command = new StartExecutionCommand({
      stateMachineArn: this.#stateMachineArn,
      name: executionName(name),
      input: text,
    });
    try {
      await this.#client.send(command);
      return 'started';
    } catch (error) {
      if (awsName(error) !== 'ExecutionAlreadyExists') throw fromAws(error, `Step Functions start ${name}`);
    }
    // AWS answers the same start as before with success while it runs, and with this error once it has ended.
    const before = await this.#describe(name);
    if (before && isDeepStrictEqual(JSON.parse(before.input ?? 'null'), JSON.parse(text))) return 'exists';
    throw new ConflictError(`execution ${name} was started before with another input`);
  }

  async stop(name: string, reason: string): Promise<void> {
    const found = await this.#describe(name);
    if (found?.status !== 'RUNNING') return;
    const command = new StopExecutionCommand({
      executionArn: this.#arn(name),
      error: 'CancelledError',
      cause: reason.slice(0, 1000),
    });
    try {
      await this.#client.send(command);
    } catch (error) {
      const known = fromAws(error, `Step Functions stop ${name}`);
      if (known instanceof NotFoundError) return;
      // It may have ended since it was looked at.
      if ((await this.#describe(name))?.status !== 'RUNNING') return;
      throw known;
    }
  }

  async describe(
    name: string,
  ): Promise<{ status: ExecutionStatus; startedAt: Date; endedAt?: Date } | undefined> {
    const found = await this.#describe(name);
    if (!found) return undefined;
    const { startDate = new Date(0), stopDate, status } = found;
    return {
      // A redrive that waits is under way, as far as a run is concerned.
      status: status === 'PENDING_REDRIVE' ? 'RUNNING' : (status as ExecutionStatus),
      startedAt: startDate,
      ...(stopDate && status !== 'RUNNING' && { endedAt: stopDate }),
    };
  }

  async #describe(name: string): Promise<DescribeExecutionCommandOutput | undefined> {
    try {
      return await this.#client.send(new DescribeExecutionCommand({ executionArn: this.#arn(name) }));
    } catch (error) {
      const known = fromAws(error, `Step Functions describe ${name}`);
      if (known instanceof NotFoundError) return undefined;
      throw known;
    }
  }

  #arn(name: string): string {
    return `${this.#stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(name)}`;
  }
}

/**
 * A name that Step Functions takes (letters, digits, `_`, `-`, at most 80). One that breaks the rule keeps what it can and gets
 * the hash of the whole, so that two names never become one.
 */
export function executionName(name: string): string {
  if (/^[A-Za-z0-9_-]{1,80}$/.test(name)) return name;
  const kept = name.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60);
  return `${kept}-${createHash('sha256').update(name).digest('hex').slice(0, 16)}`;
}
