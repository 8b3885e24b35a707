import * as z from 'zod';
import {
  betterThanCurrent,
  dataFolder,
  definePipeline,
  firstOf,
  generate,
  gradientBoosting,
  gridSearch,
  linearRegression,
  randomForest,
  standardScale,
  tagged,
  whenAbove,
  whenDrift,
} from '../../lib/pipeline/index.ts';
import { serversUnderLoad } from './generator.ts';

export default definePipeline({
  name: 'devops-metrics',
  description: 'Response time of a service from CPU, memory, disk, network and users (simulated).',
  source: firstOf(
    dataFolder('devops-metrics/devops_metrics.csv.gz'),
    generate({ seed: 42, rows: 1000, make: serversUnderLoad }),
  ),
  row: z.object({
    cpu_usage: z.number().min(0).max(100).describe('per cent'),
    memory_usage: z.number().min(0).max(100).describe('per cent'),
    disk_io_mbps: z.number().min(0).max(10_000).describe('megabytes a second'),
    network_latency_ms: z.number().min(0).max(10_000).describe('milliseconds'),
    concurrent_users: z.number().int().min(0).max(1_000_000).describe('users at the time'),
    response_time_ms: z.number().positive().describe('milliseconds'),
  }),
  target: 'response_time_ms',
  clean: [standardScale('numeric')],
  split: { train: 0.7, validation: 0.1, test: 0.2, seed: 42 },
  candidates: [
    ...tagged({ 'candidate.kind': 'baseline' }, randomForest({ trees: 100 })),
    ...tagged(
      { 'candidate.kind': 'tuning' },
      ...gridSearch(randomForest, { trees: [50, 200], maxDepth: [5, 10, 20] }),
    ),
    ...tagged(
      { 'candidate.kind': 'comparison' },
      linearRegression(),
      randomForest({ trees: 300 }),
      gradientBoosting({ rounds: 300, learningRate: 0.05, maxLeaves: 8 }),
    ),
  ],
  select: { metric: 'r2', on: 'validation' },
  reference: { by: 'scikit-learn 1.9.1, linear regression', metrics: { r2: 0.957, rmse: 20.2 } },
  promote: { to: 'production', when: betterThanCurrent() },
  // Load changes with every release, and what a request took is known at once: by drift once a day, and an error of half as much again
  // as on test rows (rmse 20.5) over a day raises the alarm and trains, too.
  retrain: whenDrift({ window: '1 day' }),
  alert: whenAbove({ metric: 'rmse', threshold: 30, minLabels: 200, over: '1 day', retrain: true }),
  schedule: 'cron(45 3 * * ? *)',
});
