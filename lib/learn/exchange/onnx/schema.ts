/**
 * The messages of ONNX (onnx.proto, IR version 3 and later) as far as models of trees and linear models use them, and
 * the numbers of their fields on the wire. Fields that are not listed are skipped when read.
 */
export interface OnnxModel {
  irVersion: number;
  producerName: string;
  producerVersion: string;
  docString: string;
  opsets: OperatorSet[];
  metadata: MetadataEntry[];
  graph?: OnnxGraph;
}
export interface OperatorSet {
  /** Empty for the standard operators, `ai.onnx.ml` for trees and linear models. */
  domain: string;
  version: number;
}
export interface MetadataEntry {
  key: string;
  value: string;
}
export interface OnnxGraph {
  name: string;
  nodes: OnnxNode[];
  initializers: OnnxTensor[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
}
export interface OnnxNode {
  name: string;
  domain: string;
  opType: string;
  inputs: string[];
  outputs: string[];
  attributes: OnnxAttribute[];
}
export interface OnnxAttribute {
  name: string;
  /** One of `attributeTypes`; 0 where the writer left it out. */
  type: number;
  float: number;
  int: number;
  string: string;
  tensor?: OnnxTensor;
  floats: number[];
  ints: number[];
  strings: string[];
}
export interface OnnxTensor {
  name: string;
  dims: number[];
  /** One of `elementTypes`. */
  dataType: number;
  floatData: number[];
  int32Data: number[];
  int64Data: number[];
  stringData: string[];
  doubleData: number[];
  /** Little-endian elements, instead of the lists above. */
  rawData?: Uint8Array;
}
export interface ValueInfo {
  name: string;
  type?: { tensor?: { elementType: number; shape?: { dims: { size: number; symbol: string }[] } } };
}

export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;
export const elementTypes = { float: 1, int32: 6, int64: 7, string: 8, double: 11 } as const;

export type Scalar = 'int' | 'float' | 'double' | 'string' | 'bytes';
export interface Field {
  name: string;
  kind: Scalar | Message;
  repeated?: boolean;
  /** Written as one run of bytes, as onnx.proto declares it. Both forms are read. */
  packed?: boolean;
}
/** A message: its fields by their numbers. */
export type Message = Readonly<Record<number, Field>>;

const one = (name: string, kind: Field['kind']): Field => ({ name, kind });
const many = (name: string, kind: Field['kind']): Field => ({ name, kind, repeated: true });
const packed = (name: string, kind: Scalar): Field => ({ name, kind, repeated: true, packed: true });

const tensor: Message = {
  1: many('dims', 'int'),
  2: one('dataType', 'int'),
  4: packed('floatData', 'float'),
  5: packed('int32Data', 'int'),
  6: many('stringData', 'string'),
  7: packed('int64Data', 'int'),
  8: one('name', 'string'),
  9: one('rawData', 'bytes'),
  10: packed('doubleData', 'double'),
};
const attribute: Message = {
  1: one('name', 'string'),
  2: one('float', 'float'),
  3: one('int', 'int'),
  4: one('string', 'string'),
  5: one('tensor', tensor),
  7: many('floats', 'float'),
  8: many('ints', 'int'),
  9: many('strings', 'string'),
  20: one('type', 'int'),
};
const node: Message = {
  1: many('inputs', 'string'),
  2: many('outputs', 'string'),
  3: one('name', 'string'),
  4: one('opType', 'string'),
  5: many('attributes', attribute),
  7: one('domain', 'string'),
};
const shape: Message = { 1: many('dims', { 1: one('size', 'int'), 2: one('symbol', 'string') }) };
const valueInfo: Message = {
  1: one('name', 'string'),
  2: one('type', { 1: one('tensor', { 1: one('elementType', 'int'), 2: one('shape', shape) }) }),
};
const graph: Message = {
  1: many('nodes', node),
  2: one('name', 'string'),
  5: many('initializers', tensor),
  11: many('inputs', valueInfo),
  12: many('outputs', valueInfo),
};
export const modelMessage: Message = {
  1: one('irVersion', 'int'),
  2: one('producerName', 'string'),
  3: one('producerVersion', 'string'),
  6: one('docString', 'string'),
  7: one('graph', graph),
  8: many('opsets', { 1: one('domain', 'string'), 2: one('version', 'int') }),
  14: many('metadata', { 1: one('key', 'string'), 2: one('value', 'string') }),
};
