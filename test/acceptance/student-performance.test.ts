import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunDetail } from '../../bin/cli/api-types.ts';
import { modelSections } from '../../lib/learn/index.ts';
import type { Experiment, ModelVersion } from '../../lib/tracking/types.ts';
import { admin, quiet } from '../integration/support/api.ts';
import { stackCli } from '../integration/support/cli.ts';
import { expectData, studentsFile } from '../integration/support/data.ts';

/** student-performance as its users have it: by the command line and HTTP alone, on 666 rows: the data folder's, else UCI's, else made-up ones. */
const PIPELINE = 'student-performance';
const GRADES = ['Average', 'Excellent', 'Good', 'Vg'];
const ROW = {
  ...{ Gender: 'female', Caste: 'General', coaching: 'WA', time: 'TWO', Class_ten_education: 'CBSE' },
  ...{ twelve_education: 'CBSE', medium: 'ENGLISH', 'Class_ X_Percentage': 'Excellent' },
  ...{ Class_XII_Percentage: 'Excellent', Father_occupation: 'DOCTOR', Mother_occupation: 'DOCTOR' },
};

const { cli, json } = stackCli();

let folder: string;
let run: RunDetail;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'arboleda-students-'));
  await quiet(PIPELINE);
  run = await json('run', PIPELINE, '--force', '--wait');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An artifact as a user downloads it. */
async function artifact(path: string): Promise<Buffer> {
  const listed = run.artifacts.find((one) => one.path === path);
  expect(listed, path).toBeDefined();
  const response = await fetch(await admin().location(`/runs/${run.runId}/artifacts/${path}`));
  expect(response.status).toBe(200);
  const bytes = Buffer.from(await response.arrayBuffer());
  expect(bytes.length).toBe(listed!.size);
  if (listed!.sha256) expect(createHash('sha256').update(bytes).digest('hex')).toBe(listed!.sha256);
  return bytes;
}

describe('a run on all rows', () => {
  it('reads all 666, drops those that stand twice, 44 of the real ones, and says whether they are real', () => {
    expect(run.status).toBe('FINISHED');
    const { real, rows } = expectData(run);
    expect([rows, run.tags['data.badRows']]).toEqual([666, '0']);
    const clean = run.stages.find(({ stage }) => stage === 'clean')!;
    const kept = Number(clean.outputs.rows);
    const testRows = Number(run.tags['data.testRows']);
    if (real) expect([kept, testRows]).toEqual([622, 125]);
    expect(kept).toBeLessThan(666);
    // Of each grade a fifth, rounded.
    expect(Math.abs(testRows - kept / 5)).toBeLessThan(4);
  });

  it('stands in the experiment of the original', async () => {
    const { experiments } = await admin().get<{ experiments: Experiment[] }>('/experiments');
    const own = experiments.find(({ experimentId }) => experimentId === run.experimentId);
    expect(own?.name).toBe('student_performance_experiment_fase2');
  });

  it('tracks the figures, as metrics and in a report', async () => {
    const { metrics } = run;
    for (const name of [
      'accuracy',
      'precision_weighted',
      'recall_weighted',
      'f1_weighted',
      'f1_macro',
      'roc_auc',
    ]) {
      expect(metrics[name], name).toBeGreaterThan(0.35);
      // Honest: the original's 0.9926 cannot come of these answers.
      expect(metrics[name], name).toBeLessThan(expectData(run).real ? 0.8 : 0.9);
    }
    const report = (await artifact('reports/classification_report.txt')).toString('utf8');
    for (const word of [
      ...GRADES,
      'precision',
      'recall',
      'f1-score',
      'support',
      'weighted avg',
      run.tags['data.testRows']!,
    ]) {
      expect(report).toContain(word);
    }
    expect(report).toContain(metrics.accuracy!.toFixed(2));
    const evaluation = JSON.parse((await artifact('reports/evaluation.json')).toString('utf8'));
    expect(evaluation.metrics.accuracy).toBe(metrics.accuracy);
  });

  it('keeps the confusion matrix as a picture and the model as a file, and both can be downloaded', async () => {
    const png = await artifact('reports/confusion_matrix.png');
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    const model = await artifact('model/model.arbm');
    const version = await admin().get<ModelVersion>(
      `/models/${PIPELINE}/versions/${run.tags['model.version']}`,
    );
    expect(createHash('sha256').update(model).digest('hex')).toBe(version.modelSha256);
    expect(modelSections(model).manifest).toMatchObject({ target: 'Performance', classes: GRADES });
  });

  it('trains a random forest among its candidates', () => {
    const trained = run.stages.filter(({ stage, item }) => stage === 'train' && item !== undefined);
    expect(trained.map(({ outputs }) => outputs.algorithm)).toContain('random-forest');
  });

  it('predicts with a probability for each grade', async () => {
    const answer = await json(
      'predict',
      PIPELINE,
      '--row',
      JSON.stringify(ROW),
      '--version',
      run.tags['model.version']!,
    );
    const [{ prediction, probabilities }] = answer.predictions;
    expect(Object.keys(probabilities).sort()).toEqual(GRADES);
    const shares = Object.values(probabilities as Record<string, number>);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(probabilities[prediction]).toBe(Math.max(...shares));
  });
});

describe('reproduce', () => {
  it('does the run again in a clean folder and finds it identical: bytes, figures, code, definition, seed', async () => {
    const keep = join(folder, 'again');
    const done = await cli('reproduce', run.runId, '--keep', keep);
    expect(done.stdout + done.stderr).toMatch(/\nidentical\n/);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('666 rows delivered');
    const found = JSON.parse(readFileSync(join(keep, 'reproduction.json'), 'utf8'));
    expect(found).toMatchObject({ identical: true, sameConditions: true, runId: run.runId });
    expect(found.conditions.map((check: { key: string }) => check.key)).toEqual([
      'definition',
      'seed',
      ...['plan', 'ingest', 'clean', 'train', 'evaluate'].map((stage) => `code of ${stage}`),
      'lock file',
      'Node.js',
    ]);
    const sha256 = found.model.find((check: { key: string }) => check.key === 'sha256').again;
    const again = readFileSync(join(keep, 'default', 'models', `${sha256}.arbm`));
    expect(again.equals(await artifact('model/model.arbm'))).toBe(true);
    expect(found.metrics).toHaveLength(Object.keys(run.metrics).length);
  });

  it('refuses what has no such run', async () => {
    const done = await cli('reproduce', 'f'.repeat(32), '--json');
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout).error.code).toBe('NOT_FOUND');
  });
});

describe('the mistake of the original: the one-hot target among the features', () => {
  it('gives about 0.99 again, and is called by its name, column by column', async () => {
    const path = studentsFile(folder);
    const [header = '', ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split(/\r?\n/);
    const target = header.split(',').indexOf('Performance');
    const mistake = [
      [header, ...GRADES.map((grade) => `Performance_${grade}`)].join(','),
      ...lines.map((line) => {
        const own = line.split(',')[target];
        return [line, ...GRADES.map((grade) => Number(grade === own))].join(',');
      }),
    ];
    const data = join(folder, 'mistake.csv');
    writeFileSync(data, `${mistake.join('\n')}\n`);
    const done = await cli(
      ...['train', '--data', data, '--target', 'Performance', '--algorithm', 'random-forest'],
      ...['--out', join(folder, 'mistake'), '--json'],
    );
    expect(done.stderr).toMatch(/LEAKAGE/);
    for (const grade of GRADES) expect(done.stderr).toContain(`Performance_${grade}`);
    const report = JSON.stringify(JSON.parse(done.stdout));
    expect(Number(/"accuracy":([\d.]+)/.exec(report)?.[1])).toBeGreaterThan(0.97);
  });
});
