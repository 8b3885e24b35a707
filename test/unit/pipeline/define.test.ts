import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { BadDefinitionError } from '../../../lib/errors/index.ts';
import { type DefinitionInput, definePipeline, mlRandomForest } from '../../../lib/pipeline/index.ts';
import { tinyHouses } from '../../support/definitions.ts';

const fails = (overrides: Partial<DefinitionInput>): BadDefinitionError => {
  try {
    tinyHouses(overrides);
  } catch (error) {
    expect(error).toBeInstanceOf(BadDefinitionError);
    return error as BadDefinitionError;
  }
  throw new Error('the definition was accepted');
};

describe('definePipeline', () => {
  it('fills the defaults', () => {
    const definition = tinyHouses({ guards: undefined });
    expect(definition.guards).toEqual({ allowLeakage: [], maxDuplicateShare: 0.01 });
    expect(definition.missing).toEqual(['']);
    expect(definition.select.on).toBe('validation');
  });

  it.each([
    ['name', { name: 'Not A Name' }],
    ['schedule', { schedule: 'every day' }],
    ['target', { target: 'prize' }],
    ['split.groupBy', { split: { train: 0.6, validation: 0.2, test: 0.2, seed: 1, groupBy: 'street' } }],
    ['select.metric', { select: { metric: 'goodness' } }],
    ['maxBadShare', { maxBadShare: 2 }],
    ['candidates', { candidates: [] }],
  ] as [string, Partial<DefinitionInput>][])('names the field %s when it is wrong', (field, overrides) => {
    expect(fails(overrides).field).toBe(field);
  });

  it('refuses an unknown algorithm and a wrong parameter at load', () => {
    expect(fails({ candidates: [{ algorithm: 'crystal-ball', params: {} }] }).message).toContain(
      'crystal-ball',
    );
    expect(fails({ candidates: [mlRandomForest({ trees: -1 })] }).message).toContain('trees');
  });

  it('refuses a plain http source and one without its hash', () => {
    const sha256 = 'a'.repeat(64);
    expect(fails({ source: { kind: 'https', url: 'http://example.org/x.csv', sha256 } }).code).toBe(
      'BAD_DEFINITION',
    );
    expect(fails({ source: { kind: 'https', url: 'https://example.org/x.csv', sha256: '' } }).code).toBe(
      'BAD_DEFINITION',
    );
  });

  it('refuses a path that leaves the folder', () => {
    expect(fails({ source: { kind: 'file', path: '../secret.csv' } }).code).toBe('BAD_DEFINITION');
  });

  it('refuses a row that is not a zod object', () => {
    expect(fails({ row: z.array(z.string()) as unknown as z.ZodObject }).field).toBe('row');
  });

  it('tells the name of the pipeline in the message', () => {
    expect(() => definePipeline({ name: 'x' } as DefinitionInput)).toThrow(/pipeline x/);
  });
});
