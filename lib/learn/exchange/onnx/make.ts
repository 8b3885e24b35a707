import {
  attributeTypes,
  elementTypes,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from './schema.ts';

/** What an attribute may hold. Lists of numbers are ints or floats by their type of array. */
export type AttributeValue =
  | number
  | string
  | readonly string[]
  | { floats: readonly number[] }
  | { ints: readonly number[] };

/** The domain of trees and linear models. */
export const ML = 'ai.onnx.ml';

export function node(
  opType: string,
  inputs: string[],
  outputs: string[],
  attributes: Record<string, AttributeValue> = {},
  domain = '',
): OnnxNode {
  const made = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return { name: outputs[0]!, domain, opType, inputs, outputs, attributes: made };
}

function attribute(name: string, value: AttributeValue): OnnxAttribute {
  const blank: OnnxAttribute = {
    name,
    type: 0,
    float: 0,
    int: 0,
    string: '',
    floats: [],
    ints: [],
    strings: [],
  };
  if (typeof value === 'number') return { ...blank, type: attributeTypes.int, int: value };
  if (typeof value === 'string') return { ...blank, type: attributeTypes.string, string: value };
  if ('floats' in value) return { ...blank, type: attributeTypes.floats, floats: value.floats as number[] };
  if ('ints' in value) return { ...blank, type: attributeTypes.ints, ints: value.ints as number[] };
  return { ...blank, type: attributeTypes.strings, strings: [...value] };
}

const blankTensor = (name: string, dims: number[], dataType: number): OnnxTensor => ({
  name,
  dims,
  dataType,
  floatData: [],
  int32Data: [],
  int64Data: [],
  stringData: [],
  doubleData: [],
});

export const floatTensor = (name: string, dims: number[], floatData: number[]): OnnxTensor => ({
  ...blankTensor(name, dims, elementTypes.float),
  floatData,
});

export const doubleTensor = (name: string, dims: number[], doubleData: number[]): OnnxTensor => ({
  ...blankTensor(name, dims, elementTypes.double),
  doubleData,
});

export const intTensor = (name: string, int64Data: number[]): OnnxTensor => ({
  ...blankTensor(name, [int64Data.length], elementTypes.int64),
  int64Data,
});

export const stringTensor = (name: string, stringData: readonly string[]): OnnxTensor => ({
  ...blankTensor(name, [stringData.length], elementTypes.string),
  stringData: [...stringData],
});

/** A value of `N` rows and, where given, so many columns. */
export const value = (name: string, elementType: number, columns?: number): ValueInfo => ({
  name,
  type: {
    tensor: {
      elementType,
      shape: {
        dims: [{ size: 0, symbol: 'N' }, ...(columns === undefined ? [] : [{ size: columns, symbol: '' }])],
      },
    },
  },
});

/** The file around a graph: IR version 8, opset 15 and ai.onnx.ml 3, which runtimes since 2021 know. */
export const modelOf = (graph: OnnxGraph, metadata: Record<string, string>): OnnxModel => ({
  irVersion: 8,
  producerName: 'arboleda',
  producerVersion: '',
  docString: '',
  opsets: [
    { domain: '', version: 15 },
    { domain: ML, version: 3 },
  ],
  metadata: Object.entries(metadata).map(([key, text]) => ({ key, value: text })),
  graph,
});
