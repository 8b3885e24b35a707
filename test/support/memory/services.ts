import { ConflictError } from '../../../lib/errors/index.ts';
import { ExecutionInputTooLargeError } from '../../../lib/store/errors.ts';
import { MAX_EXECUTION_INPUT_BYTES } from '../../../lib/store/limits.ts';
import type { Clock, EventBus, ExecutionStatus, Executions, SecretReader } from '../../../lib/store/ports.ts';
import { systemClock } from './clock.ts';

interface Execution {
  input: string;
  status: ExecutionStatus;
  startedAt: Date;
  endedAt?: Date;
}

/** Step Functions in memory: executions start and stay RUNNING until the test ends them. */
export class MemoryExecutions implements Executions {
  readonly all = new Map<string, Execution>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async start(name: string, input: unknown): Promise<'started' | 'exists'> {
    const text = JSON.stringify(input);
    if (Buffer.byteLength(text) > MAX_EXECUTION_INPUT_BYTES)
      throw new ExecutionInputTooLargeError('over 256 KB');
    const before = this.all.get(name);
    if (before && before.input !== text)
      throw new ConflictError(`execution ${name} exists with another input`);
    if (before) return 'exists';
    this.all.set(name, { input: text, status: 'RUNNING', startedAt: this.#clock.now() });
    return 'started';
  }

  async stop(name: string, _reason: string): Promise<void> {
    this.end(name, 'ABORTED');
  }

  async describe(
    name: string,
  ): Promise<{ status: ExecutionStatus; startedAt: Date; endedAt?: Date } | undefined> {
    const found = this.all.get(name);
    if (!found) return undefined;
    const { input: _, ...rest } = found;
    return { ...rest };
  }

  /** The test's hand: ends a running execution. */
  end(name: string, status: ExecutionStatus): void {
    const found = this.all.get(name);
    if (found?.status === 'RUNNING') this.all.set(name, { ...found, status, endedAt: this.#clock.now() });
  }
}

/** EventBridge in memory. */
export class MemoryBus implements EventBus {
  readonly events: { detailType: string; detail: Record<string, unknown> }[] = [];

  async publish(detailType: string, detail: Record<string, unknown>): Promise<void> {
    this.events.push(JSON.parse(JSON.stringify({ detailType, detail })));
  }
}

/** Secrets Manager in memory. */
export class MemorySecret implements SecretReader {
  value: string | undefined;

  constructor(value?: string) {
    this.value = value;
  }

  async read(): Promise<string | undefined> {
    return this.value || undefined;
  }
}
