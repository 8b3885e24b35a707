import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArboledaError, IntegrityError } from '../../../lib/errors/index.ts';
import { importOnnx } from '../../../lib/learn/exchange/index.ts';
import {
  type AttributeValue,
  floatTensor,
  intTensor,
  ML,
  modelOf,
  node,
  stringTensor,
  value,
} from '../../../lib/learn/exchange/onnx/make.ts';
import { decodeOnnx, encodeOnnx } from '../../../lib/learn/exchange/onnx/wire.ts';
import { matrixOf } from '../../unit/learn/exchange/support/cases.ts';
import { type Asked, type Tree, treesFile } from '../../unit/learn/exchange/support/graphs.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const ints = fc.array(fc.maxSafeInteger(), { maxLength: 20 });
const floats = fc.array(fc.float({ noNaN: true }), { maxLength: 20 });
const attribute: fc.Arbitrary<AttributeValue> = fc.oneof(
  fc.maxSafeInteger(),
  text,
  fc.array(text, { minLength: 1, maxLength: 5 }),
  ints.map((list) => ({ ints: list })),
  floats.map((list) => ({ floats: list })),
);
const nodes = fc
  .tuple(
    text,
    fc.array(text, { maxLength: 3 }),
    fc.array(text, { minLength: 1, maxLength: 3 }),
    fc.dictionary(text, attribute),
  )
  .map(([opType, inputs, outputs, attributes]) => node(opType, inputs, outputs, attributes, ML));
const models = fc
  .record({
    name: text,
    nodes: fc.array(nodes, { maxLength: 4 }),
    initializers: fc.array(
      fc.oneof(
        fc.tuple(text, floats).map(([name, list]) => floatTensor(name, [list.length], list)),
        fc.tuple(text, ints).map(([name, list]) => intTensor(name, list)),
        fc.tuple(text, fc.array(text)).map(([name, list]) => stringTensor(name, list)),
      ),
      { maxLength: 3 },
    ),
    inputs: fc.array(
      fc.tuple(text, fc.nat(1000)).map(([name, columns]) => value(name, 1, columns)),
      { maxLength: 3 },
    ),
    outputs: fc.array(
      text.map((name) => value(name, 8)),
      { maxLength: 3 },
    ),
  })
  .chain((graph) => fc.dictionary(text, text).map((metadata) => modelOf(graph, metadata)));

describe('the wire format of ONNX', () => {
  it('what is written is read as it was', () => {
    fc.assert(
      fc.property(models, (model) => {
        expect(decodeOnnx(encodeOnnx(model))).toEqual(model);
      }),
      { numRuns: 300 },
    );
  });

  it('any bytes are read or refused, with an error of ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decodeOnnx(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(IntegrityError);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('a file that is cut off anywhere, or has any bytes put in, never takes the reader by surprise', () => {
    fc.assert(
      fc.property(models, fc.nat(), fc.uint8Array({ maxLength: 8 }), (model, where, more) => {
        const bytes = encodeOnnx(model);
        const at = where % (bytes.length + 1);
        for (const changed of [
          bytes.subarray(0, at),
          [...bytes.subarray(0, at), ...more, ...bytes.subarray(at)],
        ]) {
          try {
            importOnnx(Uint8Array.from(changed));
          } catch (error) {
            expect(error).toBeInstanceOf(ArboledaError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** Trees of every comparison, over three features of which values repeat, children shared now and then. */
const thresholds = fc.constantFrom(-2, -0.5, 0, 0.5, 1, 2, 3);
const treesOf = (depth: number): fc.Arbitrary<Tree> => {
  const leaf = fc.integer({ min: -5, max: 5 }).map((weight): Tree => [weight]);
  if (depth === 0) return leaf;
  const below = treesOf(depth - 1);
  const asked = fc
    .record({
      mode: fc.constantFrom(
        'BRANCH_LEQ',
        'BRANCH_LT',
        'BRANCH_GTE',
        'BRANCH_GT',
        'BRANCH_EQ',
        'BRANCH_NEQ',
        'BRANCH_EQ',
      ),
      feature: fc.nat(2),
      value: thresholds,
      yes: below,
      no: below,
      missing: fc.boolean(),
      shared: fc.boolean(),
    })
    .map(({ shared, ...node }) => {
      // What the no branch leads to on yes, this one leads to as well: links of chains come about like this.
      const no = node.no as Asked;
      return (shared && !Array.isArray(no) ? { ...node, yes: no.yes } : node) as Tree;
    });
  return fc.oneof({ weight: 1, arbitrary: leaf }, { weight: 4, arbitrary: asked });
};

/** The specification, read word by word: what a tree answers to a row. */
function answer(tree: Tree, row: readonly number[]): number {
  if (Array.isArray(tree)) return tree[0] as number;
  const { mode = 'BRANCH_LEQ', feature = 0, value: limit, yes, no, missing } = tree as Asked;
  const x = row[feature]!;
  const holds = {
    BRANCH_LEQ: x <= limit,
    BRANCH_LT: x < limit,
    BRANCH_GTE: x >= limit,
    BRANCH_GT: x > limit,
    BRANCH_EQ: x === limit,
    BRANCH_NEQ: x !== limit,
    LEAF: false,
  }[mode];
  return answer(holds || (missing === true && Number.isNaN(x)) ? yes : no, row);
}

describe('trees of any comparison', () => {
  it('answer every row as the specification says', () => {
    const rows = [-3, -2, -1, -0.5, 0, 0.25, 0.5, 1, 2, 3, 4, Number.NaN].flatMap((a, i, all) =>
      [1, 5].map((step) => [a, all[(i * step + 3) % all.length]!, all[(i * 7 + step) % all.length]!]),
    );
    fc.assert(
      fc.property(fc.array(treesOf(5), { minLength: 1, maxLength: 3 }), (trees) => {
        const { model } = importOnnx(treesFile(trees, { width: 3 }));
        // A category that no node asks for is unknown, and goes where missing values go: not as in the file.
        const known = rows.filter((row) =>
          row.every((x, f) => Number.isNaN(x) || (model.categories?.[f]?.includes(String(x)) ?? true)),
        );
        if (known.length === 0) return;
        const found = model.predict(matrixOf(known, model));
        for (const [i, row] of known.entries()) {
          expect(found[i]).toBe(trees.reduce((sum, tree) => sum + answer(tree, row), 0));
        }
      }),
      { numRuns: 400 },
    );
  });
});
