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

/** The first match: a failed test then shows it, and not all of the bundle. */
const found = (what: RegExp): string | undefined => what.exec(text)?.[0];

describe('the bundle of the prediction function', () => {
  // docs/decisions/0023 has what weighs how much, and what was left as it is.
  it('is at most 225 KB as Lambda stores it, and 695 KB as it is read', () => {
    expect(gzipSync(code, { level: 9 }).length).toBeLessThan(225_000);
    expect(code.length).toBeLessThan(695_000);
  });

  it('is ASCII throughout, so that Node.js holds it at a byte a letter', () => {
    expect(text.length).toBe(code.length);
  });

  it('holds no trainer, no pipeline and no console', () => {
    expect(found(/definePipeline|pipelines\.mjs|preact/)).toBeUndefined();
    expect(found(/too much for one function|leastSquares|fitLogistic/)).toBeUndefined();
  });

  it('holds no client but those of the table, the bucket and the secret', () => {
    const clients = [...text.matchAll(/serviceId\?\?"([\w ]+)"/g)].map(([, name]) => name);
    expect(new Set(clients)).toEqual(new Set(['DynamoDB', 'S3', 'Secrets Manager']));
    expect(found(/AssumeRoleWithWebIdentity|sso-oidc|AWSStepFunctions/)).toBeUndefined();
  });

  it('imports later only what Node.js has: anything else would be kept whole for it', () => {
    const later = [...text.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, name]) => name!);
    expect(later.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });

  it('leaves out messages in other languages, and answers in English all the same', () => {
    expect(found(/Entrada inválida|Ungültige Eingabe/)).toBeUndefined();
    expect(found(/Invalid input/)).toBe('Invalid input');
  });
});
