import { describe, expect, it } from 'vitest';
import { yamlOf } from '../../../../lib/pipeline/logged-model/yaml.ts';

describe('yamlOf', () => {
  it('writes mappings in lines and everything else as JSON', () => {
    const text = yamlOf({
      flavors: { arboleda: { data: 'model.arbm', classes: 3, deep: { yes: true } } },
      prompts: null,
      empty: {},
      list: [1, 'a'],
      'odd key:': 'x',
    });
    expect(text).toBe(
      [
        'flavors:',
        '  arboleda:',
        '    data: "model.arbm"',
        '    classes: 3',
        '    deep:',
        '      yes: true',
        'prompts: null',
        'empty: {}',
        'list: [1,"a"]',
        '"odd key:": "x"',
        '',
      ].join('\n'),
    );
  });

  it('keeps a text what it is, whatever it looks like', () => {
    expect(yamlOf({ a: 'no', b: '2026-01-01', c: 'x: y # z', d: 'é\u2028\n"', e: '漢' })).toBe(
      'a: "no"\nb: "2026-01-01"\nc: "x: y # z"\nd: "\\u00e9\\u2028\\n\\""\ne: "\\u6f22"\n',
    );
  });
});
