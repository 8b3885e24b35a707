import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleFunctions } from '../../lib/infra/bundle/index.ts';
import { root } from './support.ts';

/** The function that a cold start waits for. How long its import takes is a figure of bench/serving, never a test. */
let code: Buffer;
let text: string;

beforeAll(async () => {
  const entries = { predict: 'lambdas/predict/handler.ts' };
  const { predict } = await bundleFunctions({ root, entries, pipelines: [] });
  code = readFileSync(join(predict!.directory, 'index.mjs'));
  text = code.toString('utf8');
}, 120_000);

describe('the bundle of the prediction function', () => {
  it('is at most 400 KB as Lambda stores it', () => {
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(400 * 1024);
  });

  it('holds no trainer, no pipeline and no console', () => {
    expect(text).not.toMatch(/definePipeline|pipelines\.mjs|preact/);
  });

  it('leaves out messages in other languages, and answers in English all the same', () => {
    expect(text).not.toMatch(/Entrada inválida|Ungültige Eingabe/);
    expect(text).toMatch(/Invalid input/);
  });
});
