import { withoutSecretsIn } from '../errors/index.ts';

/** A line of a stage's log, as `arboleda logs` shows it. */
export interface LogLine {
  time: string;
  level: string;
  message: string;
  [fact: string]: unknown;
}

/**
 * A stage's log: each line goes to the function's own log at once and is kept, so that the stage can store all of them
 * beside the run, without what is a secret by its form. CloudWatch has them too; the stored copy needs no query and no permission on log groups.
 */
export class StageLog {
  readonly lines: LogLine[] = [];
  readonly #out: (line: LogLine) => void;
  readonly #now: () => Date;

  constructor(
    facts: Record<string, unknown>,
    now: () => Date = () => new Date(),
    out?: (line: LogLine) => void,
  ) {
    this.#now = now;
    // console.log: on Lambda each call is one line of the function's log.
    this.#out = out ?? ((line) => console.log(JSON.stringify({ ...facts, ...line })));
  }

  info(message: string, facts: Record<string, unknown> = {}): void {
    this.#write('info', message, facts);
  }

  error(message: string, facts: Record<string, unknown> = {}): void {
    this.#write('error', message, facts);
  }

  /** JSON Lines, one object a line, ending in a newline. */
  text(): string {
    return this.lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  }

  #write(level: string, message: string, facts: Record<string, unknown>): void {
    const line: LogLine = withoutSecretsIn({ time: this.#now().toISOString(), level, message, ...facts });
    this.lines.push(line);
    this.#out(line);
  }
}
