import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../../lib/errors/index.ts';
import { Attributes, tensorNumbers } from '../../../../lib/learn/exchange/onnx/attributes.ts';
import { modelOf, node } from '../../../../lib/learn/exchange/onnx/make.ts';
import { elementTypes, type OnnxTensor } from '../../../../lib/learn/exchange/onnx/schema.ts';
import { decodeOnnx, encodeOnnx, MOST_ONNX_BYTES } from '../../../../lib/learn/exchange/onnx/wire.ts';
import { doubleTensor, tensorAttribute } from './support/graphs.ts';

/** A graph of one node, as the bytes of a file: the field `graph` (7), in it `node` (1). */
function fileWith(write: (node: BinaryWriter) => void): Uint8Array {
  const graph = new BinaryWriter().tag(1, WireType.LengthDelimited).fork();
  write(graph);
  const body = graph.join().finish();
  return new BinaryWriter().tag(7, WireType.LengthDelimited).bytes(body).finish();
}

/** The one attribute of a node's field 5. */
const attributeOf = (write: (attribute: BinaryWriter) => void) => {
  const bytes = fileWith((writer) => {
    writer.tag(5, WireType.LengthDelimited).fork();
    write(writer);
    writer.join();
  });
  return decodeOnnx(bytes).graph!.nodes[0]!.attributes[0]!;
};

describe('bytes on the wire', () => {
  it('are those of the protocol: a model by hand, byte by byte', () => {
    const model = modelOf({ name: 'g', nodes: [], initializers: [], inputs: [], outputs: [] }, { k: 'v' });
    expect(Buffer.from(encodeOnnx(model)).toString('hex')).toBe(
      [
        '0808', // 1: ir_version 8
        '1208617262 6f6c656461'.replace(' ', ''), // 2: producer_name "arboleda"
        '3a031201 67'.replace(' ', ''), // 7: graph, in it 2: name "g"
        '4202100f', // 8: opset_import, in it 2: version 15 (the domain is empty)
        '420e0a0a61692e6f6e6e782e6d6c1003', // 8: domain "ai.onnx.ml", version 3
        '72060a016b120176', // 14: metadata_props, 1: key "k", 2: value "v"
      ].join(''),
    );
  });

  it.each([
    [
      'one run',
      (w: BinaryWriter) => w.tag(8, WireType.LengthDelimited).fork().int64(1).int64(300).int64(-2).join(),
    ],
    ['one by one', (w: BinaryWriter) => w.tag(8, 0).int64(1).tag(8, 0).int64(300).tag(8, 0).int64(-2)],
  ])('lists of whole numbers are read in %s', (_, write) => {
    expect(attributeOf((w) => void write(w)).ints).toEqual([1, 300, -2]);
  });

  it.each([
    ['one run', (w: BinaryWriter) => w.tag(7, WireType.LengthDelimited).fork().float(0.5).float(-3).join()],
    ['one by one', (w: BinaryWriter) => w.tag(7, WireType.Bit32).float(0.5).tag(7, WireType.Bit32).float(-3)],
  ])('lists of floats are read in %s', (_, write) => {
    expect(attributeOf((w) => void write(w)).floats).toEqual([0.5, -3]);
  });

  it.each([0, 127, 128, 2 ** 28 - 1, 2 ** 28, 2 ** 32, 2 ** 53 - 1, -1, -(2 ** 40), -(2 ** 53) + 1])(
    'the number %d is read as it was written',
    (int) => {
      expect(attributeOf((w) => void w.tag(3, WireType.Varint).int64(int)).int).toBe(int);
    },
  );

  it('a number beyond 2^53 is refused, as it would be read as another', () => {
    const bytes = () => attributeOf((w) => void w.tag(3, WireType.Varint).int64(2n ** 60n));
    expect(bytes).toThrow('1152921504606847000 is too large');
  });

  it('unknown fields of every type are skipped', () => {
    const read = attributeOf((w) => {
      w.tag(99, WireType.Varint).int64(5).tag(98, WireType.Bit32).float(1);
      w.tag(97, WireType.Bit64).double(1).tag(96, WireType.LengthDelimited).string('text');
      w.tag(95, WireType.StartGroup).tag(1, WireType.Varint).int64(1).tag(95, WireType.EndGroup);
      w.tag(1, WireType.LengthDelimited).string('kept');
    });
    expect(read.name).toBe('kept');
  });

  it('a field that comes twice counts as it came last', () => {
    expect(attributeOf((w) => void w.tag(3, 0).int64(1).tag(3, 0).int64(2)).int).toBe(2);
  });

  it('names keep their letters, also more different ones than the pool of texts holds', () => {
    const names = Array.from({ length: 1500 }, (_, i) => `größe ${i} 価格 😀`);
    const model = modelOf(
      {
        name: 'g',
        nodes: names.map((name) => node('Identity', [name], [name])),
        initializers: [],
        inputs: [],
        outputs: [],
      },
      {},
    );
    expect(decodeOnnx(encodeOnnx(model)).graph!.nodes.map(({ inputs }) => inputs[0])).toEqual(names);
  });

  it('equal models have equal bytes', () => {
    const model = () =>
      modelOf(
        { name: 'g', nodes: [node('Add', ['a', 'b'], ['c'])], initializers: [], inputs: [], outputs: [] },
        {},
      );
    expect(encodeOnnx(model())).toEqual(encodeOnnx(model()));
  });
});

describe('files that are none', () => {
  const varint = (bytes: number[]) => Uint8Array.from([0x08, ...bytes]);

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['a varint without end', varint(new Array<number>(20).fill(0xff))],
    ['a varint that is cut off', varint([0x80])],
    ['a length past the end', Uint8Array.from([0x3a, 0xff, 0xff, 0xff, 0x7f, 0])],
    ['a length of 2^63', Uint8Array.from([0x3a, ...new Array<number>(9).fill(0xff), 0x01])],
    ['field number 0', Uint8Array.from([0x00, 0x01])],
    ['a wire type that does not exist', Uint8Array.from([0x0f, 0x01])],
    ['a group without end', Uint8Array.from([0x0b, 0x08, 0x01])],
    ['groups in groups, deeper than any stack', new Uint8Array(200_000).fill(0x0b)],
    ['a name that is a number', Uint8Array.from([0x10, 0x01])],
    ['a version that is a text', Uint8Array.from([0x0a, 0x01, 0x41])],
    ['a graph that is a number', Uint8Array.from([0x38, 0x01])],
    ['no graph', encodeOnnx({ ...modelOf(blankGraph(), {}), graph: undefined } as never)],
    ['a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
    ['a text', new TextEncoder().encode('rooms,area,price\n3,90,500000\n')],
    ['a pickle', Uint8Array.from([0x80, 0x04, 0x95, 0x10, 0x00, 0x00])],
  ])('%s is refused', (_, bytes) => {
    let thrown: unknown;
    try {
      decodeOnnx(bytes);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(IntegrityError);
    expect((thrown as Error).message).toMatch(/^the file is not an ONNX model: /);
    expect((thrown as IntegrityError).remedy).toContain('whole');
  });

  it('a file that is too large is refused before it is read', () => {
    // Pages that nothing writes to take no memory.
    expect(() => decodeOnnx(new Uint8Array(MOST_ONNX_BYTES + 1))).toThrow(/268435457 bytes, and 268435456/);
  });

  it('a length says nothing of what is allocated: a file of 12 bytes cannot ask for gigabytes', () => {
    const bytes = Uint8Array.from([0x3a, 0x0a, 0x2a, 0x08, 0x22, 0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x00]);
    expect(() => decodeOnnx(bytes)).toThrow(IntegrityError);
  });
});

describe('tensors', () => {
  const tensor = (dataType: number, more: Partial<OnnxTensor>): OnnxTensor => ({
    ...doubleTensor([]),
    dataType,
    ...more,
  });
  const raw = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

  it.each<[string, OnnxTensor, number[]]>([
    ['floats', tensor(elementTypes.float, { floatData: [1.5, 2] }), [1.5, 2]],
    ['doubles', tensor(elementTypes.double, { doubleData: [0.1] }), [0.1]],
    ['int64', tensor(elementTypes.int64, { int64Data: [-7] }), [-7]],
    ['int32', tensor(elementTypes.int32, { int32Data: [9] }), [9]],
    ['raw floats', tensor(elementTypes.float, { rawData: raw(Float32Array.of(0.25, -1)) }), [0.25, -1]],
    ['raw doubles', tensor(elementTypes.double, { rawData: raw(Float64Array.of(0.1, 3)) }), [0.1, 3]],
    [
      'raw int64',
      tensor(elementTypes.int64, { rawData: raw(BigInt64Array.of(-5n, 2n ** 40n)) }),
      [-5, 2 ** 40],
    ],
    ['raw int32', tensor(elementTypes.int32, { rawData: raw(Int32Array.of(-5, 6)) }), [-5, 6]],
    [
      'raw bytes that lie anywhere',
      tensor(elementTypes.double, { rawData: shifted(Float64Array.of(0.1)) }),
      [0.1],
    ],
  ])('of %s', (_, given, expected) => {
    expect(tensorNumbers(given, 'here')).toEqual(expected);
  });

  it('of other types, or of half an element, are refused, saying where', () => {
    expect(() => tensorNumbers(tensor(10, {}), 'Mul "m"')).toThrow(
      'Mul "m": a tensor has the element type 10',
    );
    expect(() => tensorNumbers(tensor(2, { rawData: new Uint8Array(2) }), 'here')).toThrow('element type 2');
    expect(() => tensorNumbers(tensor(elementTypes.double, { rawData: new Uint8Array(9) }), 'here')).toThrow(
      'here: a tensor of 9 bytes',
    );
  });

  it('attributes prefer doubles where a node has both', () => {
    const made = node('TreeEnsembleRegressor', [], [''], { nodes_values: { floats: [1] } });
    made.attributes.push(tensorAttribute('nodes_values_as_tensor', doubleTensor([1.1])));
    expect(new Attributes(made).numbers('nodes_values')).toEqual([1.1]);
  });

  it('attributes that are not there have what was asked for instead', () => {
    const attributes = new Attributes(node('X', [], ['out'], { text: '' }));
    expect([attributes.int('n', 3), attributes.string('text', 'NONE'), attributes.ints('i')]).toEqual([
      3,
      'NONE',
      [],
    ]);
    expect(attributes.sized('i', [], 2, 0)).toEqual([0, 0]);
    expect(() => attributes.sized('i', [], 2)).toThrow('X "out": the attribute i has 0 entries where 2');
  });
});

function blankGraph() {
  return { name: '', nodes: [], initializers: [], inputs: [], outputs: [] };
}

function shifted(array: Float64Array): Uint8Array {
  const out = new Uint8Array(array.byteLength + 1);
  out.set(new Uint8Array(array.buffer), 1);
  return out.subarray(1);
}
