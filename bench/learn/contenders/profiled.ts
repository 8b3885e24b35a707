/** One training of ours under the profiler, which runs during the fit alone: `node profiled.ts JOB`. */
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { getTrainer } from '../../../lib/learn/trainers.ts';
import { readPart } from '../data/store.ts';
import { answer, peakRss, readJob, timedFit } from './job.ts';

/** Microseconds between samples. */
const INTERVAL = 200;

const { data, algorithm, params, seed, threads, ...chosen } = readJob();
const { x, y } = readPart(data, 'train', chosen);
const trainer = getTrainer(algorithm);
const parsed = trainer.parseParams(params);
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.setSamplingInterval', { interval: INTERVAL });
session.post('Profiler.start');
const { value: _, ...fit } = timedFit(() => trainer.fit(x, y, parsed, { seed, threads }));
session.post('Profiler.stop', (error, stopped) => {
  if (error) throw error;
  writeFileSync(process.env.ARBOLEDA_PROFILE_FILE!, JSON.stringify(stopped.profile));
});
answer({ ...fit, rssPeak: peakRss() });
