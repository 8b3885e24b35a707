import { z } from 'zod';
import {
  always,
  betterThanCurrent,
  type DefinitionInput,
  definePipeline,
  file,
  linearRegression,
  logisticRegression,
  standardScale,
} from '../../lib/pipeline/index.ts';

/** price = 3 * area - 2 * age + 10, with a wave on top so that no single column gives the price away. */
export function tinyHousesCsv(rows = 200): Uint8Array {
  const lines = Array.from({ length: rows }, (_, i) => {
    const area = 50 + ((i * 37) % 101);
    const age = (i * 53) % 97;
    const price = 3 * area - 2 * age + 10 + ((i * 29) % 23);
    return `${area},${age},${price}`;
  });
  return new TextEncoder().encode(`area,age,price\n${lines.join('\n')}\n`);
}

/** A regression that trains in milliseconds. */
export const tinyHouses = (overrides: Partial<DefinitionInput> = {}) =>
  definePipeline({
    name: 'tiny-houses',
    source: file('tiny.csv'),
    row: z.object({ area: z.number().positive(), age: z.number().min(0), price: z.number() }),
    target: 'price',
    guards: { maxDuplicateShare: 1 },
    clean: [standardScale('numeric')],
    split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7 },
    candidates: [linearRegression(), linearRegression({ alpha: 50 })],
    select: { metric: 'rmse' },
    promote: { to: 'production', when: betterThanCurrent() },
    ...overrides,
  });

/** Two classes by a noisy threshold on x + y. */
export function tinyClassesCsv(rows = 200): Uint8Array {
  const lines = Array.from({ length: rows }, (_, i) => {
    const x = (i * 37) % 101;
    const y = (i * 71) % 89;
    const noise = ((i * 13) % 41) - 20;
    return `${x},${y},${x + y + noise > 95 ? 'yes' : 'no'}`;
  });
  return new TextEncoder().encode(`x,y,label\n${lines.join('\n')}\n`);
}

export const tinyClasses = (overrides: Partial<DefinitionInput> = {}) =>
  definePipeline({
    name: 'tiny-classes',
    source: file('tiny.csv'),
    row: z.object({ x: z.number(), y: z.number(), label: z.enum(['yes', 'no']) }),
    target: 'label',
    guards: { maxDuplicateShare: 1 },
    clean: [standardScale('numeric')],
    split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7, stratify: true },
    candidates: [logisticRegression()],
    select: { metric: 'accuracy' },
    promote: { to: 'production', when: always() },
    ...overrides,
  });
