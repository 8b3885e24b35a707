import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { type EnsembleModelInput, ensembleModel } from '../../../../lib/learn/ensemble/model.ts';
import { pack, unpack } from '../../../../lib/learn/file/container.ts';
import { type LoadedModel, readModelFile, writeModelFile } from '../../../../lib/learn/index.ts';
import { fitPreprocessing, type RowSchema, type Table } from '../../../../lib/table/index.ts';
import { randomEnsemble, randomRows } from '../ensemble/random-ensemble.ts';
import { uniform } from '../support.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const names = ['height', 'leaf', 'age'];
const categories = [undefined, ['broad', 'needle', 'none'], undefined];

/** Files of trees of each kind: shares of classes with categories, sums of classes, a regression of numbers. */
export function treeFiles(): Uint8Array[] {
  const size = { features: 3, trees: 6, splits: 25 };
  const common = {
    algorithm: 'random-forest',
    features: names,
    importance: Float64Array.of(0.5, 0.25, 0.25),
  };
  const native = { ...size, categoryCounts: [0, 3, 0] };
  const inputs: EnsembleModelInput[] = [
    {
      ...{ ...common, task: 'classification', classes: ['a', 'b', 'c'], link: 'none', categories },
      ensemble: randomEnsemble({ ...native, seed: 1, outputs: 3, leaves: 'distribution', aggregate: 'mean' }),
    },
    {
      ...{ ...common, task: 'classification', classes: ['a', 'b', 'c'], link: 'softmax', categories },
      ...{ algorithm: 'gradient-boosting', notes: ['stopped early'] },
      ensemble: randomEnsemble({ ...native, seed: 2, outputs: 3, leaves: 'value', aggregate: 'sum' }),
    },
    {
      ...{ ...common, task: 'regression', classes: [], link: 'identity', range: [-4, 4] },
      ensemble: randomEnsemble({ ...size, seed: 3, outputs: 1, leaves: 'value', aggregate: 'mean' }),
    },
  ];
  return inputs.map(fileOf);
}

function fileOf(input: EnsembleModelInput): Uint8Array {
  const native = input.categories !== undefined;
  const schema: RowSchema = {
    columns: [
      { name: 'height', kind: 'number', nullable: true },
      native
        ? { name: 'leaf', kind: 'category', categories: categories[1]!, nullable: true }
        : { name: 'leaf', kind: 'number', nullable: true },
      { name: 'age', kind: 'number', nullable: true },
      { name: 'kind', kind: input.task === 'regression' ? 'number' : 'text', nullable: false },
    ],
  };
  const values = Float64Array.of(1, 2);
  const codes = Int32Array.of(0, 1);
  const table: Table = {
    rowCount: 2,
    columns: schema.columns.map(({ name, kind }) =>
      kind === 'number'
        ? { name, kind, values }
        : { name, kind: kind as 'text', codes, categories: ['a', 'b'] },
    ),
  };
  return writeModelFile({
    ...{ name: 'fuzzed', target: 'kind', rowSchema: schema, params: { trees: 6 }, seed: 1 },
    model: ensembleModel(input),
    preprocessing: fitPreprocessing(table, [], { target: 'kind', schema }),
  });
}

interface Entry {
  name: string;
  type: string;
  length: number;
  offset: number;
  sha256: string;
}

/** Changes that no hash is mended after: bytes, bits, cuts, additions, splices within and from another file. */
function damaged(original: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const below = (bound: number): number => Math.floor(random() * bound);
  const bytes = original.slice();
  const from = below(bytes.length);
  switch (below(7)) {
    case 0:
      bytes[from]! ^= 1 << below(8);
      return bytes;
    case 1:
      for (let i = 0; i < 2 + below(60); i++) bytes[below(bytes.length)] = below(256);
      return bytes;
    case 2:
      return bytes.subarray(0, from);
    case 3:
      return Uint8Array.from([...bytes, ...Array.from({ length: 1 + below(64) }, () => below(256))]);
    case 4:
      return bytes.copyWithin(from, below(bytes.length), bytes.length);
    case 5:
      bytes.set(other.subarray(from, from + 8 * (1 + below(40))).subarray(0, bytes.length - from), from);
      return bytes;
    default:
      return Uint8Array.from({ length: 1 + below(2_000) }, () => below(256)).fill(0, 0, below(4));
  }
}

/** What an attacker would write: manifest or sections changed, and every hash worked out anew. */
function forged(original: Uint8Array, other: Uint8Array, random: () => number): Uint8Array {
  const below = (bound: number): number => Math.floor(random() * bound);
  const { manifest: text, body } = unpack(original);
  const manifest = JSON.parse(text) as { sections: Entry[] } & Record<string, unknown>;
  const changed = body.slice();
  const view = new DataView(changed.buffer);
  const section = manifest.sections[below(manifest.sections.length)]!;
  const width = Number(/\d+$/.exec(section.type)![0]) / 8;
  const bytes = section.length * width;
  const at = section.offset + Math.floor(random() * section.length) * width;
  const odd = [0, 1, -1, 2, 255, 0x7f800000, 0x7fc00000, 0xff800000, 0x80000000, below(2 ** 31)];
  switch (below(6)) {
    case 0:
      if (bytes > 0) changed[section.offset + below(bytes)]! ^= 1 << below(8);
      break;
    case 1:
      if (width === 4 && bytes > 0) view.setUint32(at, odd[below(odd.length)]!, true);
      else if (bytes > 0) changed.fill(below(256), at, at + width);
      break;
    case 2: // one entry to where another is
      if (bytes > 0) changed.copyWithin(at, section.offset, section.offset + below(bytes));
      break;
    case 3: {
      const { body: foreign } = unpack(other);
      changed.set(foreign.subarray(0, bytes), section.offset);
      break;
    }
    case 4: {
      const letters = [...JSON.stringify(manifest)];
      for (let i = 0; i <= below(3); i++) letters[below(letters.length)] = '0{}[]",:-e9azN'[below(14)]!;
      return pack(letters.join(''), [changed]);
    }
    default: {
      const word = [
        'mean',
        'sum',
        'value',
        'distribution',
        'none',
        'softmax',
        'uint32',
        'float32',
        2,
        0,
        null,
        [],
      ];
      const keys = Object.keys(manifest.facts as object);
      const target = [manifest, section, manifest.facts, (manifest.facts as Record<string, object>).ensemble];
      const place = (target[below(4)] ?? manifest) as Record<string, unknown>;
      const key = Object.keys(place)[below(Object.keys(place).length)] ?? keys[0]!;
      place[key] = word[below(word.length)];
    }
  }
  for (const entry of [manifest.sections].flat().filter((entry) => entry instanceof Object)) {
    const size = entry.length * (Number(/\d+$/.exec(String(entry.type))?.[0]) / 8);
    if (entry.offset + size <= changed.length) {
      entry.sha256 = sha256(changed.subarray(entry.offset, entry.offset + size));
    }
  }
  return pack(JSON.stringify(manifest), [changed]);
}

/** Asks all of a model that a service does: it must answer, with finite numbers, and end. */
function use({ model }: LoadedModel): void {
  const x = randomRows(model.ensemble!, 40, 9);
  const asked = {
    ...x,
    names: model.features,
    ...(model.categories ? { categories: model.categories } : {}),
  };
  expect(model.predict(asked).every(Number.isFinite)).toBe(true);
  if (model.task === 'classification') {
    const shares = model.predictProbability(asked);
    expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
  }
  model.importance();
  model.toFile();
}

/**
 * Reads `count` mutated files, the same ones for a seed.
 *
 * @returns how many were refused, and how many forged ones were another sound model
 */
export function fuzz(files: readonly Uint8Array[], count: number, seed: number) {
  const random = uniform(seed);
  const tally = { refused: 0, otherModel: 0, unchanged: 0 };
  for (let round = 0; round < count; round++) {
    const original = files[round % files.length]!;
    const other = files[(round + 1) % files.length]!;
    const forging = round % 2 === 1;
    const bytes = (forging ? forged : damaged)(original, other, random);
    const same = Buffer.compare(bytes, original) === 0;
    if (same) tally.unchanged++;
    let loaded: LoadedModel;
    try {
      loaded = readModelFile(bytes);
    } catch (error) {
      expect((error as { code?: string }).code, `round ${round}: ${(error as Error).stack}`).toBe(
        'INTEGRITY',
      );
      expect(same, `round ${round}: the original was refused`).toBe(false);
      tally.refused++;
      continue;
    }
    expect(same || forging, `round ${round}: a damaged file was accepted`).toBe(true);
    use(loaded);
    if (!same) tally.otherModel++;
  }
  return tally;
}
