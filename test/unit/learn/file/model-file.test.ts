import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../../lib/learn/file/canonical-json.ts';
import { HEADER_BYTES, pack, unpack } from '../../../../lib/learn/file/container.ts';
import { type LoadedModel, predictRows, readModelFile, writeModelFile } from '../../../../lib/learn/index.ts';
import { everyFile, houseFile, sampleRows, treeFile } from '../model-fixture.ts';
import { thrownBy, uniform } from '../support.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
let files: Uint8Array[];
beforeAll(async () => {
  files = await everyFile();
});
const rewrite = ({ manifest, model }: LoadedModel): Uint8Array => writeModelFile({ ...manifest, model });

describe('writeModelFile and readModelFile', () => {
  it('go round without a changed byte, prediction or importance', () => {
    for (const bytes of files) {
      const loaded = readModelFile(bytes, { sha256: sha256(bytes) });
      expect(Buffer.compare(rewrite(loaded), bytes)).toBe(0);
      expect(loaded.model.importance().reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
      expect(predictRows(readModelFile(rewrite(loaded)), sampleRows(loaded))).toEqual(
        predictRows(loaded, sampleRows(loaded)),
      );
    }
  });

  it('give the same bytes for the same training, and others for another seed or parameter', async () => {
    const again = await everyFile();
    for (const [i, bytes] of files.entries()) expect(sha256(again[i]!)).toBe(sha256(bytes));
    expect(sha256(await houseFile('linear-regression', { alpha: 1 }))).not.toBe(sha256(files[0]!));
  });

  it('keep what is said of the model', () => {
    const { manifest, model } = readModelFile(files[3]!);
    expect(manifest).toMatchObject({
      name: 'fixture',
      algorithm: 'ml-random-forest',
      task: 'classification',
      target: 'kind',
      seed: 7,
    });
    expect(manifest.params).toMatchObject({ trees: 3 });
    expect(manifest.classes).toEqual(['__proto__', 'alder', 'birch']);
    expect(model.features).toEqual(
      manifest.preprocessing.output.map(({ name }) => name).filter((name) => name !== 'kind'),
    );
    expect(manifest.rowSchema.columns.map(({ name }) => name)).toEqual(['height', 'leaf', 'kind']);
    expect(manifest.profile).toBeDefined();
  });

  it('lay each section at a multiple of 8, and read from any offset of a buffer', () => {
    const bytes = files[2]!;
    const { manifest } = readModelFile(bytes);
    expect(manifest.sections.map(({ name }) => name)).toEqual([
      'treeStarts',
      'feature',
      'value',
      'right',
      'importance',
    ]);
    for (const { offset } of manifest.sections) expect(offset % 8).toBe(0);
    expect(bytes.length % 8).toBe(0);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(readModelFile(shifted.subarray(3)).manifest).toEqual(manifest);
  });

  it('have no clock and no machine in them', () => {
    const text = new TextDecoder('latin1').decode(files[0]!);
    expect(text).not.toContain(process.version);
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(String(new Date().getFullYear()));
  });

  it('lie on the bytes they are given, and leave them alone', () => {
    for (const bytes of files) {
      const before = sha256(bytes);
      const loaded = readModelFile(bytes);
      predictRows(loaded, sampleRows(loaded));
      for (const array of Object.values(loaded.model.toFile().sections)) {
        expect(array.buffer).toBe(bytes.buffer);
      }
      loaded.model.importance().fill(7);
      expect(sha256(bytes)).toBe(before);
    }
  });

  it('copy the bytes where arrays cannot lie on them', () => {
    const shifted = new Uint8Array(files[2]!.length + 4);
    shifted.set(files[2]!, 4);
    const { sections } = readModelFile(shifted.subarray(4)).model.toFile();
    for (const array of Object.values(sections)) expect(array.buffer).not.toBe(shifted.buffer);
  });
});

/** Takes a change to a file and asserts that reading refuses it as damaged, and nothing else. */
function expectRefused(bytes: Uint8Array, what: string): void {
  const error = thrownBy(() => readModelFile(bytes));
  expect(error.code, `${what}: ${error.stack}`).toBe('INTEGRITY');
}

describe('a damaged file is refused with IntegrityError', () => {
  it('in each of its bytes: every byte of a small file flipped', () => {
    const bytes = files[0]!.slice();
    for (let at = 0; at < bytes.length; at++) {
      bytes[at]! ^= 1 << (at % 8);
      expectRefused(bytes, `byte ${at}`);
      bytes[at]! ^= 1 << (at % 8);
    }
    expect(readModelFile(bytes).manifest.name).toBe('fixture');
  });

  it('at every length that it is cut to, and with anything behind it', () => {
    const bytes = files[1]!;
    for (let length = 0; length < bytes.length; length += 7)
      expectRefused(bytes.subarray(0, length), `cut to ${length}`);
    for (const more of [1, 8, 4096]) {
      const longer = new Uint8Array(bytes.length + more);
      longer.set(bytes);
      expectRefused(longer, `${more} bytes more`);
    }
  });

  it('under 3,000 random changes of one byte or many, cuts and swaps', () => {
    const random = uniform(123);
    const below = (bound: number): number => Math.floor(random() * bound);
    for (let round = 0; round < 3_000; round++) {
      const original = files[round % files.length]!;
      let bytes = original.slice();
      const kind = round % 5;
      if (kind === 0) bytes[below(bytes.length)]! ^= 1 + below(255);
      if (kind === 1) for (let i = 0; i < 2 + below(40); i++) bytes[below(bytes.length)] = below(256);
      if (kind === 2) bytes = bytes.subarray(0, below(bytes.length)) as typeof bytes;
      if (kind === 3) bytes.copyWithin(below(bytes.length), below(bytes.length), bytes.length);
      if (kind === 4) new DataView(bytes.buffer).setUint32(below(12) * 4, below(2 ** 32), true);
      if (Buffer.compare(bytes, original) !== 0) expectRefused(bytes, `round ${round}`);
    }
  });

  it('where it is not the file asked for', () => {
    expect(thrownBy(() => readModelFile(files[0]!, { sha256: sha256(files[1]!) })).code).toBe('INTEGRITY');
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(4096)],
    ['text', new TextEncoder().encode(JSON.stringify({ format: 'arboleda-model' }).repeat(20))],
  ])('where it is %s', (what, bytes) => expectRefused(bytes, what));

  it('where it is of a later format, and says so', () => {
    const bytes = files[0]!.slice();
    bytes[4] = 2;
    expect(thrownBy(() => readModelFile(bytes)).message).toBe(
      'the model file is of format 2, and this release reads 1',
    );
  });
});

/** The same file with another manifest, and a hash that fits it: what an attacker, not an accident, would write. */
function forged(bytes: Uint8Array, change: (manifest: Record<string, never>) => unknown): Uint8Array {
  const { manifest: text, body } = unpack(bytes);
  const manifest = JSON.parse(text);
  const changed = change(manifest);
  return pack(typeof changed === 'string' ? changed : JSON.stringify(manifest), [body]);
}

describe('a forged file whose hashes fit is refused too', () => {
  it.each<[string, (manifest: never) => unknown]>([
    ['no JSON', () => '{'],
    ['null', () => 'null'],
    ['an array', () => '[]'],
    ['JSON nested 10,000 deep', () => `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    [
      'params nested 10,000 deep',
      (m: { params: unknown }) =>
        JSON.stringify(m).replace('"params":{', `"params":{"a":${'['.repeat(10_000)}${']'.repeat(10_000)},`),
    ],
    [
      'an unknown key',
      (m: Record<string, unknown>) => {
        m.code = 'process.exit()';
      },
    ],
    [
      'an unknown algorithm',
      (m: Record<string, unknown>) => {
        m.algorithm = 'evil';
      },
    ],
    [
      'an algorithm of another task',
      (m: Record<string, unknown>) => {
        m.algorithm = 'logistic-regression';
      },
    ],
    [
      'a classification without classes',
      (m: Record<string, unknown>) => {
        m.task = 'classification';
      },
    ],
    [
      'classes for a regression',
      (m: Record<string, unknown>) => {
        m.classes = ['a', 'b'];
      },
    ],
    [
      'two features alike',
      (m: { features: string[] }) => {
        m.features[1] = m.features[0]!;
      },
    ],
    [
      'a feature that no step makes',
      (m: { features: string[] }) => {
        m.features[1] = 'other';
      },
    ],
    [
      'one feature less',
      (m: { features: string[] }) => {
        m.features.pop();
      },
    ],
    [
      'another target',
      (m: Record<string, unknown>) => {
        m.target = 'age';
      },
    ],
    [
      'steps of another shape',
      (m: { preprocessing: { steps: unknown } }) => {
        m.preprocessing.steps = [{ step: 'run' }];
      },
    ],
    [
      'an input column that the schema lacks',
      (m: { preprocessing: { input: string[] } }) => {
        m.preprocessing.input.push('x');
      },
    ],
    [
      'no facts',
      (m: { facts?: unknown }) => {
        m.facts = {};
      },
    ],
    [
      'a section of 2^53 entries',
      (m: { sections: { length: number }[] }) => {
        m.sections[0]!.length = 2 ** 53;
      },
    ],
    [
      'a section of 4 billion entries',
      (m: { sections: { length: number }[] }) => {
        m.sections[0]!.length = 2 ** 32;
      },
    ],
    [
      'a section of -1 entries',
      (m: { sections: { length: number }[] }) => {
        m.sections[0]!.length = -1;
      },
    ],
    [
      'a section that overlaps another',
      (m: { sections: { offset: number }[] }) => {
        m.sections[1]!.offset = 0;
      },
    ],
    [
      'a section of another type',
      (m: { sections: { type: string }[] }) => {
        m.sections[0]!.type = 'uint8';
      },
    ],
    [
      'a section named otherwise',
      (m: { sections: { name: string }[] }) => {
        m.sections[0]!.name = '__proto__';
      },
    ],
    [
      'a section with another hash',
      (m: { sections: { sha256: string }[] }) => {
        m.sections[0]!.sha256 = '0'.repeat(64);
      },
    ],
    [
      'a section less',
      (m: { sections: unknown[] }) => {
        m.sections.pop();
      },
    ],
    [
      '10,000 sections',
      (m: { sections: unknown[] }) => {
        m.sections = Array(10_000).fill(m.sections[0]);
      },
    ],
  ])('%s', (what, change) => {
    expectRefused(forged(files[0]!, change as never), what);
  });

  it('but forging nothing gives the file back', () => {
    expect(
      Buffer.compare(
        forged(files[0]!, (m) => canonicalJson(m)),
        files[0]!,
      ),
    ).toBe(0);
  });

  it('under random changes of the manifest text, it is read or refused, never crashed on', () => {
    const random = uniform(5);
    let refused = 0;
    for (let round = 0; round < 1_500; round++) {
      const original = files[round % files.length]!;
      const bytes = forged(original, (manifest) => {
        const text = [...JSON.stringify(manifest)];
        for (let i = 0; i <= round % 3; i++)
          text[Math.floor(random() * text.length)] = '0{}[]",:-e9azN'[Math.floor(random() * 14)]!;
        return text.join('');
      });
      try {
        const loaded = readModelFile(bytes);
        loaded.model.importance();
      } catch (error) {
        expect((error as { code?: string }).code, (error as Error).stack).toBe('INTEGRITY');
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(1_000);
  });

  it('a section whose bytes are forged with their hash: no walk leaves the trees', () => {
    const random = uniform(6);
    for (let round = 0; round < 600; round++) {
      const { manifest: text, body } = unpack(files[2 + (round % 2)]!);
      const manifest = JSON.parse(text) as {
        sections: { offset: number; length: number; type: string; sha256: string }[];
      };
      const section = manifest.sections[Math.floor(random() * manifest.sections.length)]!;
      const size = section.length * (section.type === 'float64' ? 8 : 4);
      const forgedBody = body.slice();
      forgedBody[section.offset + Math.floor(random() * size)]! ^= 1 + Math.floor(random() * 255);
      section.sha256 = sha256(forgedBody.subarray(section.offset, section.offset + size));
      const bytes = pack(JSON.stringify(manifest), [forgedBody]);
      try {
        const loaded = readModelFile(bytes);
        expect(predictRows(loaded, sampleRows(loaded)).predictions).toHaveLength(3);
      } catch (error) {
        expect((error as { code?: string }).code, (error as Error).stack).toBe('INTEGRITY');
      }
    }
  });
});

describe('canonicalJson', () => {
  it('depends on the value, not on the order of keys', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'é"' }], a: undefined, A: -0.5 })).toBe(
      '{"A":-0.5,"b":[1,{"c":"é\\"","d":null}]}',
    );
    expect(canonicalJson({ x: 1, y: 2 })).toBe(canonicalJson({ y: 2, x: 1 }));
  });

  it('keeps a key named __proto__', () => {
    const text = '{"__proto__":{"a":1},"b":2}';
    expect(canonicalJson(JSON.parse(text))).toBe(text);
  });

  it('refuses what JSON cannot hold', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, () => 1, 1n, Symbol('s')]) {
      expect(thrownBy(() => canonicalJson({ a: value })).code).toBe('BAD_DEFINITION');
    }
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = [deep];
    expect(thrownBy(() => canonicalJson(deep)).message).toContain('nested too deep');
  });
});

describe('the container', () => {
  it('is laid out as its description says', () => {
    const bytes = pack('{"é":1}', [Uint8Array.of(1, 2, 3), new Uint8Array(), Uint8Array.of(9)]);
    const view = new DataView(bytes.buffer);
    expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe('ARBM');
    expect([view.getUint32(4, true), view.getUint32(8, true), view.getUint32(12, true)]).toEqual([1, 8, 0]);
    expect(Buffer.from(bytes.subarray(16, 48)).toString('hex')).toBe(
      createHash('sha256')
        .update(bytes.subarray(0, 16))
        .update(bytes.subarray(HEADER_BYTES, 56))
        .digest('hex'),
    );
    expect([...bytes.subarray(56)]).toEqual([1, 2, 3, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]);
    expect(unpack(bytes).manifest).toBe('{"é":1}');
  });

  it('refuses a manifest that is not UTF-8', () => {
    const bytes = pack('"abcdef"', []);
    bytes[50] = 0xff;
    bytes.set(createHash('sha256').update(bytes.subarray(0, 16)).update(bytes.subarray(48)).digest(), 16);
    expect(thrownBy(() => unpack(bytes)).message).toContain('not UTF-8');
  });
});

it('a model of treeFile is the one that everyFile holds', async () => {
  expect(sha256(await treeFile())).toBe(sha256(files[1]!));
});
