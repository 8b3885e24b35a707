import { z } from 'zod';
import type { Get } from '../../lib/pipeline/collect/get.ts';
import type { PipelineDeps } from '../../lib/pipeline/deps.ts';
import { type DefinitionInput, env, firstOf, generate, httpBatches } from '../../lib/pipeline/index.ts';
import type { SampleSource } from '../../lib/pipeline/samples/index.ts';
import { tinyClasses } from './definitions.ts';
import { type PipelineWorld, pipelineWorld } from './pipeline.ts';

export const WS = 'default';
export const P = 'tiny-classes';
export const SOURCE_URL = 'https://source.example/data';

/** A classification whose rows are collected: 3 subsets a round, a batch every 10 seconds. */
export const collectedClasses = (overrides: Partial<DefinitionInput> = {}) =>
  tinyClasses({
    source: firstOf(
      httpBatches({ url: env('TINY_URL'), subsets: 3, every: 10 }),
      generate({ seed: 1, rows: 200, make: (_, rows) => tinyRows(rows) }),
    ),
    row: z.object({ x: z.number(), y: z.number(), label: z.enum(['yes', 'no']) }),
    ...overrides,
  });

/** Two classes by a noisy threshold on x + y. */
export const tinyRows = (count: number): { x: number; y: number; label: string }[] =>
  Array.from({ length: count }, (_, i) => {
    const x = (i * 37) % 101;
    const y = (i * 71) % 89;
    return { x, y, label: x + y + (((i * 13) % 41) - 20) > 95 ? 'yes' : 'no' };
  });

export const cells = (count: number) => tinyRows(count).map(({ x, y, label }) => [x, y, label]);

/** An answer as the source sends it. */
export const answer = (status: number, body: unknown): Awaited<ReturnType<Get>> => ({
  status,
  body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
});

/** A sample of a batch that is told apart by its first cell: `mark`. */
export const sampleOf = (batch: number | undefined, mark = 0) =>
  answer(200, {
    group_number: 1,
    ...(batch === undefined ? {} : { batch_number: batch }),
    data: [
      [mark, 1, 'yes'],
      [mark, 2, 'no'],
    ],
  });

export const noMore = () => answer(400, { detail: 'all the data was collected' });

/** What the source answers, call by call; the last answer again and again. An Error is thrown. */
export function scripted(answers: (Awaited<ReturnType<Get>> | Error)[]): Get & { urls: string[] } {
  const urls: string[] = [];
  const get: Get = async (url) => {
    urls.push(String(url));
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next instanceof Error || next === undefined) throw next ?? new Error('no answer');
    return next;
  };
  return Object.assign(get, { urls });
}

/** A platform in memory whose collector asks `get`. */
export function collectingWorld(get: Get, overrides: Partial<PipelineDeps> = {}): PipelineWorld {
  return pipelineWorld([collectedClasses()], {}, { get, collectorUrls: { [P]: SOURCE_URL }, ...overrides });
}

/** The sample source as a function, at a clock's time; a timeout is a fault of the call. */
export const getFrom =
  (source: SampleSource, now: () => number, timeout: () => Error): Get =>
  async (url) => {
    const { status, body } = source.answer(Number(url.searchParams.get('group_number')), now());
    if (status === 0) throw timeout();
    return answer(status, body);
  };
