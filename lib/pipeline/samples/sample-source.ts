import * as z from 'zod';
import { seededRandom } from '../../table/index.ts';
import type { Cell } from '../collect/delivery.ts';

/** What the source can be told to do wrong. */
export const SAMPLE_FAULTS = ['server-error', 'timeout', 'truncated', 'duplicate', 'late'] as const;
export type SampleFault = (typeof SAMPLE_FAULTS)[number];

/** How likely each fault is, of any answer; together at most 1. */
export const faultRates = z
  .strictObject(
    Object.fromEntries(SAMPLE_FAULTS.map((kind) => [kind, z.number().min(0).max(1).optional()])) as Record<
      SampleFault,
      z.ZodOptional<z.ZodNumber>
    >,
  )
  .refine((rates) => sumOf(rates) <= 1, 'rates of at most 1 together');
export type FaultRates = z.output<typeof faultRates>;

const sumOf = (rates: Partial<Record<string, number | undefined>>): number =>
  Object.values(rates).reduce<number>((sum, rate) => sum + (rate ?? 0), 0);

export interface SampleOptions {
  /** Rows without header, cells in the order of the columns. */
  rows: readonly (readonly Cell[])[];
  /** Over how many batches the rows are dealt out. */
  batches: number;
  /** How long a batch stands, milliseconds. */
  every: number;
  /** How much of its batch a sample holds. */
  share: number;
  seed: number;
  /** When the first batch begins; milliseconds since 1970. */
  origin: number;
  /** After the last batch and one period of 400 the first one comes again; else 400 for good, until `restart`. */
  again?: boolean;
  faults?: FaultRates;
}

export interface SampleAnswer {
  /** 0: no answer at all, for as long as the caller waits. */
  status: number;
  body: string;
  /** What was wrong with it, where something was. */
  fault?: SampleFault;
  /** Of a whole answer: the batch it is a sample of, and its rows. */
  batch?: number;
  rows?: readonly (readonly Cell[])[];
}

/**
 * A source of batches as the original was: each call answers another random sample of the present batch, 400 after the last. With
 * faults on, some answers are an error, cut off, the answer before once more, or a sample of a batch that is past. Seeded: the same
 * calls at the same times get the same answers.
 */
export class SampleSource {
  readonly #options: SampleOptions;
  readonly #random: () => number;
  readonly #last = new Map<number, SampleAnswer>();
  #faults: FaultRates;
  #origin: number;
  /** Answers by what they were: `fresh`, `exhausted`, or a fault. */
  readonly counts: Record<string, number> = {};

  constructor(options: SampleOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
    this.#faults = options.faults ?? {};
    this.#origin = options.origin;
  }

  get faults(): FaultRates {
    return this.#faults;
  }

  setFaults(faults: FaultRates): void {
    this.#faults = faults;
  }

  /** The first batch comes again, from now on. */
  restart(now: number): void {
    this.#origin = now;
  }

  /** The present batch; undefined after the last. */
  batchAt(now: number): number | undefined {
    const { batches, every, again } = this.#options;
    const passed = Math.max(0, Math.floor((now - this.#origin) / every));
    const place = again ? passed % (batches + 1) : passed;
    return place < batches ? place : undefined;
  }

  answer(group: number, now: number): SampleAnswer {
    const answer = this.#answer(group, now);
    const kind = answer.fault ?? (answer.status === 400 ? 'exhausted' : 'fresh');
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    const whole = answer.status === 200 ? answer.fault !== 'truncated' : answer.status === 400;
    if (whole) this.#last.set(group, answer);
    return answer;
  }

  #answer(group: number, now: number): SampleAnswer {
    const fault = this.#draw();
    if (fault === 'server-error') return { status: 500, body: '{"detail":"Internal Server Error"}', fault };
    if (fault === 'timeout') return { status: 0, body: '', fault };
    const batch = this.batchAt(now);
    if (batch === undefined) return { status: 400, body: '{"detail":"all the data was collected"}' };
    const before = this.#last.get(group);
    if (fault === 'duplicate' && before) return { ...before, fault };
    if (fault === 'late' && batch > 0) {
      return { ...this.#sample(group, Math.floor(this.#random() * batch)), fault };
    }
    const whole = this.#sample(group, batch);
    if (fault !== 'truncated') return whole;
    const cut = 1 + Math.floor(this.#random() * (whole.body.length - 1));
    return { status: 200, body: whole.body.slice(0, cut), fault };
  }

  #draw(): SampleFault | undefined {
    let left = this.#random();
    for (const kind of SAMPLE_FAULTS) {
      left -= this.#faults[kind] ?? 0;
      if (left < 0) return kind;
    }
    return undefined;
  }

  /** Rows whose place leaves the batch's number as remainder, each with the probability `share`, one at least. */
  #sample(group: number, batch: number): SampleAnswer {
    const { rows, batches, share } = this.#options;
    const drawn: (readonly Cell[])[] = [];
    for (let i = batch; i < rows.length; i += batches) if (this.#random() < share) drawn.push(rows[i]!);
    const data = drawn.length > 0 ? drawn : [rows[batch % rows.length]!];
    const body = JSON.stringify({ group_number: group, batch_number: batch, data });
    return { status: 200, body, batch, rows: data };
  }
}
