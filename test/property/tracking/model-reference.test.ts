import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../lib/errors/index.ts';
import {
  formatModelReference,
  type ModelReference,
  parseModelReference,
} from '../../../lib/tracking/model-reference.ts';
import { MODEL_STAGES } from '../../../lib/tracking/model-stage.ts';

const model = fc.stringMatching(/^[A-Za-z0-9_. @%é-]{1,30}$/).filter((name) => {
  const trimmed = name.trim() === name && name !== '.' && name !== '..';
  return trimmed && name !== '';
});
const plainModel = model.filter((name) => !name.includes('@'));
const alias = fc
  .stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,20}$/)
  .filter((a) => !/^(latest|v\d+)$/i.test(a));
const version = fc.integer({ min: 1, max: 999_999_999 }).map(String);
const reference: fc.Arbitrary<ModelReference> = fc.oneof(
  fc.record({ kind: fc.constant('version' as const), model, version }),
  fc.record({ kind: fc.constant('alias' as const), model, alias }),
  fc.record({ kind: fc.constant('stage' as const), model, stage: fc.constantFrom(...MODEL_STAGES) }),
  fc.record({ kind: fc.constant('latest' as const), model }),
  fc.record({ kind: fc.constant('model' as const), model: plainModel }),
);
/** The same letters, some of them turned into capitals or small ones. */
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((up) => [...text].map((c, i) => (up[i] ? c.toUpperCase() : c.toLowerCase())).join(''));

describe('a reference to a model', () => {
  it('reads back what it writes', () => {
    fc.assert(
      fc.property(reference, (given) => {
        expect(parseModelReference(formatModelReference(given))).toEqual(given);
      }),
    );
  });

  it('means the same without models:/', () => {
    fc.assert(
      fc.property(reference, (given) => {
        const short = formatModelReference(given).replace(/^models:\//, '');
        expect(parseModelReference(short)).toEqual(given);
      }),
    );
  });

  it('knows MLflow’s stages in any case, and Development for None', () => {
    const words = [...MODEL_STAGES.map((s) => [s, s] as const), ['Development', 'None'] as const];
    for (const [word, stage] of words) {
      fc.assert(
        fc.property(anyCase(word), (written) => {
          expect(parseModelReference(`models:/m/${written}`)).toEqual({ kind: 'stage', model: 'm', stage });
        }),
      );
    }
  });

  it('is read, or refused as wrong input that names the model: no text breaks it', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^(models:)?\/{0,3}[a-b@/:1 ]{0,12}$/)),
        (text) => {
          try {
            const found = parseModelReference(text);
            expect(parseModelReference(formatModelReference(found))).toEqual(found);
          } catch (error) {
            expect(error).toBeInstanceOf(InvalidInputError);
            expect((error as InvalidInputError).field).toMatch(/^(model|alias|version)$/);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('parseModelReference', () => {
  it.each([
    ['models:/devops-metrics/Staging', { kind: 'stage', model: 'devops-metrics', stage: 'Staging' }],
    ['models:/devops-metrics@production', { kind: 'alias', model: 'devops-metrics', alias: 'production' }],
    ['models:/devops-metrics/3', { kind: 'version', model: 'devops-metrics', version: '3' }],
    ['models:/devops-metrics/LATEST', { kind: 'latest', model: 'devops-metrics' }],
    ['devops-metrics/3', { kind: 'version', model: 'devops-metrics', version: '3' }],
    ['devops-metrics@champion', { kind: 'alias', model: 'devops-metrics', alias: 'champion' }],
    ['devops-metrics', { kind: 'model', model: 'devops-metrics' }],
    ['models:/a@b/Archived', { kind: 'stage', model: 'a@b', stage: 'Archived' }],
    ['models:/a@b@c', { kind: 'alias', model: 'a@b', alias: 'c' }],
  ])('reads %s', (text, expected) => {
    expect(parseModelReference(text)).toEqual(expected);
  });

  it.each([
    ['', 'names no model'],
    ['models:', 'one / follows'],
    ['models:/', 'names no model'],
    ['models:x/1', 'one / follows'],
    ['models://host/x/1', 'one / follows'],
    ['models:/x', 'names no version, stage or alias'],
    ['models:/x/', 'follows the last /'],
    ['models:/x/1/2', 'one part'],
    ['models:/x/Stagin', '"Stagin" is neither'],
    ['models:/x/0', 'version "0" is not allowed'],
    ['models:/x@', 'an alias follows the @'],
    ['models:/@champion', 'names no model'],
    ['models:/x@latest', 'reserved'],
    ['x@v3', 'reserved'],
    ['runs:/abc/model', 'one part'],
    ['a:b', 'model "a:b" is not allowed'],
  ])('refuses %j', (text, why) => {
    expect(() => parseModelReference(text)).toThrow(why);
  });
});
