import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelBytes } from '../../support/model-bytes.ts';

describe('same data, same definition, same seed', () => {
  it('give the same model files and dataset: twice with force, and once in a fresh process', async () => {
    const [first, second] = await modelBytes(2);
    expect(first?.models).toHaveLength(2);
    expect(first?.models[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(first?.models[0]).not.toBe(first?.models[1]);
    expect(second).toEqual(first);
    const script = resolve(import.meta.dirname, '../../support/model-bytes.ts');
    const text = execFileSync(process.execPath, [script], { encoding: 'utf8' });
    const line = text.split('\n').find((each) => each.startsWith('RESULT '));
    expect(JSON.parse(line!.slice('RESULT '.length))).toEqual(first);
  });
});
