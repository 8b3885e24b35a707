import { z } from 'zod';
import {
  always,
  definePipeline,
  encode,
  file,
  generate,
  logisticRegression,
  randomForest,
  standardScale,
} from '../../../lib/pipeline/index.ts';

/** A value that would run, were it ever read as HTML. */
export const SCRIPT = '<script>window.pwned=1</script><img src=x onerror="window.pwned=2">';

const GRADES = ['low', 'middle', 'high'] as const;
const SCHOOLS = ['north', 'south', SCRIPT] as const;

/** A column of each kind, on rows that are made up. */
export const grades = definePipeline({
  name: 'grades',
  description: SCRIPT,
  source: generate({
    seed: 3,
    rows: 240,
    make: (random, rows) =>
      Array.from({ length: rows }, () => {
        const hours = Math.round(random() * 200) / 10;
        const absences = Math.floor(random() * 15);
        const tutor = random() < 0.4;
        const score = hours - 0.8 * absences + (tutor ? 3 : 0) + random() * 4;
        return {
          hours,
          absences,
          tutor: String(tutor),
          school: SCHOOLS[Math.floor(random() * 3)] as string,
          note: random() < 0.5 ? 'quiet' : 'loud',
          grade: score < 1 ? 'low' : score < 9 ? 'middle' : 'high',
        };
      }),
  }),
  row: z.object({
    hours: z.number().min(0).max(40).describe('Hours of study in a week'),
    absences: z.number().int().min(0),
    tutor: z.boolean(),
    school: z.enum(SCHOOLS),
    note: z.string(),
    grade: z.enum(GRADES),
  }),
  target: 'grade',
  clean: [standardScale('numeric'), encode(['school', 'note'], { method: 'onehot' })],
  split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7, stratify: true },
  candidates: [logisticRegression(), randomForest({ trees: 12 })],
  select: { metric: 'f1_weighted', on: 'validation' },
  promote: { to: 'production', when: always() },
});

/** Prices, from a file: its rows count as real. */
export const houses = definePipeline({
  name: 'houses',
  source: file('houses.csv'),
  row: z.object({ area: z.number().positive(), age: z.number().min(0), price: z.number() }),
  target: 'price',
  guards: { maxDuplicateShare: 1 },
  clean: [standardScale('numeric')],
  split: { train: 0.6, validation: 0.2, test: 0.2, seed: 7 },
  candidates: [randomForest({ trees: 10 })],
  select: { metric: 'rmse' },
  promote: { to: 'production', when: always() },
});
