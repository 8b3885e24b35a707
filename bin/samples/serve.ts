import { InvalidInputError } from '../../lib/errors/index.ts';
import { faultRates, SAMPLE_FAULTS, SampleSource } from '../../lib/pipeline/samples/index.ts';
import type { Output } from '../cli/output.ts';
import { readSampleRows } from './read-rows.ts';
import { startSampleServer } from './server.ts';

export interface SampleOptions {
  pipeline: string;
  data: string;
  port: number;
  batches: number;
  /** Seconds. */
  every: number;
  share: number;
  seed: number;
  fault: Record<string, number>;
}

/** `arboleda samples`: serves until `signal` is aborted. @throws InvalidInputError */
export async function serveSamples(options: SampleOptions, out: Output, signal: AbortSignal): Promise<void> {
  const faults = faultRates.safeParse(options.fault);
  if (!faults.success) {
    throw new InvalidInputError(`--fault: ${faults.error.issues[0]?.message}`, {
      field: 'fault',
      remedy: `Kinds are ${SAMPLE_FAULTS.join(', ')}; their rates are at most 1 together.`,
    });
  }
  const rows = await readSampleRows(options.pipeline, options.data);
  const { batches, share, seed } = options;
  const every = options.every * 1000;
  const source = new SampleSource({
    rows,
    batches,
    every,
    share,
    seed,
    origin: Date.now(),
    faults: faults.data,
  });
  const tell = (line: object) => out.note(JSON.stringify(line));
  const server = await startSampleServer(source, options.port, tell);
  out.result({ url: server.url, rows: rows.length, batches }, () =>
    [
      `${server.url}?group_number=1 (${rows.length} rows in ${batches} batches of ${options.every} s)`,
      `npx arboleda collector ${options.pipeline} --url ${server.url} --every ${options.every}`,
    ].join('\n'),
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await server.close();
}
