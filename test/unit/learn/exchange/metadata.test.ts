import { describe, expect, it } from 'vitest';
import { importOnnx } from '../../../../lib/learn/exchange/index.ts';
import { modelOf } from '../../../../lib/learn/exchange/onnx/make.ts';
import { readMetadata } from '../../../../lib/learn/exchange/onnx/metadata.ts';
import { treesFile } from './support/graphs.ts';

const read = (metadata: Record<string, string>, width = 2) =>
  readMetadata(modelOf({ name: '', nodes: [], initializers: [], inputs: [], outputs: [] }, metadata), width);

describe('metadata of a file', () => {
  it('names of features and categories, target, notes and preparation', () => {
    expect(
      read({
        features: '["a","b"]',
        categories: '[null,["x","y"]]',
        target: '"price"',
        'arboleda.notes': '["n"]',
        'arboleda.preprocessing': '{"any":1}',
        'arboleda.rowSchema': '[]',
        other: 'whatever',
      }),
    ).toEqual({
      features: ['a', 'b'],
      categories: [undefined, ['x', 'y']],
      target: 'price',
      notes: ['n'],
      preprocessing: { any: 1 },
      rowSchema: [],
    });
  });

  it.each<[string, Record<string, string>]>([
    ['text that is no JSON', { features: 'a,b', target: 'price' }],
    [
      'JSON of another kind',
      { features: '{"a":1}', target: '7', categories: '"x"', 'arboleda.notes': '[1]' },
    ],
    ['fewer features than there are', { features: '["a"]', categories: '[["x"]]' }],
    ['a name twice', { features: '["a","a"]' }],
    ['names longer than any', { features: JSON.stringify(['a', 'b'.repeat(10_001)]) }],
    ['more notes than anyone reads', { 'arboleda.notes': JSON.stringify(new Array(101).fill('n')) }],
    ['nothing', {}],
  ])('%s counts as not there', (_, metadata) => {
    expect(read(metadata)).toEqual({});
  });

  it('of a stranger never stops an import: the file is read as if it had none', () => {
    const metadata = { features: '{', categories: '[[]]', target: '[]', 'arboleda.preprocessing': '{}' };
    const { model, metadata: kept } = importOnnx(treesFile([{ value: 0, yes: [1], no: [2] }], { metadata }));
    expect(model.features).toEqual(['f0']);
    expect(model.categories).toBeUndefined();
    expect(kept.target).toBeUndefined();
  });

  it('names given win over those of the file', () => {
    const bytes = treesFile([{ value: 0, yes: [1], no: [2] }], { metadata: { features: '["own"]' } });
    expect(importOnnx(bytes).model.features).toEqual(['own']);
    expect(importOnnx(bytes, { features: ['given'] }).model.features).toEqual(['given']);
  });

  it('a key named __proto__ is a key and nothing more', () => {
    const found = read({ 'arboleda.preprocessing': '{"__proto__":{"polluted":true}}' });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(found.target).toBeUndefined();
  });
});
