import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArboledaError } from '../../../lib/errors/index.ts';
import { importOnnx } from '../../../lib/learn/exchange/index.ts';
import type { OnnxModel } from '../../../lib/learn/exchange/onnx/schema.ts';
import { decodeOnnx, encodeOnnx } from '../../../lib/learn/exchange/onnx/wire.ts';
import type { Model } from '../../../lib/learn/index.ts';
import { caseNames, matrixOf, readCase } from '../../unit/learn/exchange/support/cases.ts';

/** Numbers that a list of ids, features, tree numbers or sizes should never hold. */
const hostileInt = fc.constantFrom(-1, 0, 1, 2, 7, 999, 65_536, 2 ** 31, 2 ** 32, 2 ** 40, -(2 ** 40));
const hostileFloat = fc.constantFrom(0, -0, 1, -1, 1e38, 3.4e38, Number.NaN, Number.POSITIVE_INFINITY, 1e-45);
const hostileText = fc.constantFrom(
  '',
  'LEAF',
  'BRANCH_EQ',
  'BRANCH_GT',
  'SOFTMAX_ZERO',
  'NONE',
  '__proto__',
  '\0',
);
const change = fc.record({
  node: fc.nat(),
  attribute: fc.nat(),
  what: fc.constantFrom('change', 'drop', 'repeat', 'clear', 'swap'),
  at: fc.nat(),
  int: hostileInt,
  float: hostileFloat,
  text: hostileText,
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

/** One entry of one attribute made another one, or the list made longer, shorter or empty. */
function apply({ graph }: OnnxModel, { node, attribute, what, at, int, float, text }: Change): void {
  const { attributes, inputs } = graph!.nodes[node % graph!.nodes.length]!;
  if (attributes.length === 0) {
    if (inputs.length > 0) inputs[at % inputs.length] = text;
    return;
  }
  const chosen = attributes[attribute % attributes.length]!;
  const disturb = <T>(list: T[], wrong: T): void => {
    const place = at % list.length;
    if (what === 'change') list[place] = wrong;
    else if (what === 'drop') list.splice(place, 1);
    else if (what === 'repeat') list.splice(place, 0, list[place]!);
    else if (what === 'clear') list.length = 0;
    else [list[place], list[0]] = [list[0]!, list[place]!];
  };
  if (chosen.ints.length > 0) disturb(chosen.ints, int);
  else if (chosen.floats.length > 0) disturb(chosen.floats, Math.fround(float));
  else if (chosen.strings.length > 0) disturb(chosen.strings, text);
  else if (chosen.string !== '') chosen.string = text;
  else chosen.int = int;
}

describe('files of converters with lists that do not fit', () => {
  it('are refused with an error of ours, or are models that answer every row with numbers', () => {
    let [refused, read] = [0, 0];
    fc.assert(
      fc.property(
        fc.constantFrom(...caseNames),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (name, changes) => {
          const { bytes, rows } = readCase(name);
          const file = decodeOnnx(bytes);
          for (const one of changes) apply(file, one);
          let model: Model;
          try {
            ({ model } = importOnnx(encodeOnnx(file)));
          } catch (error) {
            expect(error, String((error as Error).stack)).toBeInstanceOf(ArboledaError);
            expect((error as Error).message.length).toBeGreaterThan(10);
            refused++;
            return;
          }
          read++;
          const few = rows.slice(0, 5).map((row) => model.features.map((_, j) => row[j] ?? null));
          const x = matrixOf(few, model);
          const answers = model.task === 'classification' ? model.predictProbability(x) : model.predict(x);
          expect(answers.every(Number.isFinite)).toBe(true);
          expect(model.importance().every((share) => share >= 0 && share <= 1)).toBe(true);
        },
      ),
      { numRuns: 400, seed: 5 },
    );
    // Most changes break a file; some, such as another threshold, make another model of it.
    expect(refused).toBeGreaterThan(100);
    expect(read).toBeGreaterThan(20);
  });
});
