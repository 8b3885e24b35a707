import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../../support/seed.ts';
import { csvCell, resultCsv } from '../../../../console/pages/try/result-csv.ts';

describe('a cell of the result', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+49 30', "'+49 30"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', '"\'\t=1"'],
    ['\r=1', '"\'\r=1"'],
    ['＝1', "'＝1"],
    ['=HYPERLINK("x","y")', '"\'=HYPERLINK(""x"",""y"")"'],
    ['-1.5', '-1.5'],
    ['+1e-3', '+1e-3'],
    ['-.5', '-.5'],
    [-3, '-3'],
    ['a,b', '"a,b"'],
    ['a;b', '"a;b"'],
    [' a', '" a"'],
    [undefined, ''],
    ['plain', 'plain'],
  ])('%j is written %s', (value, text) => {
    expect(csvCell(value)).toBe(text);
  });

  it('begins no formula, whatever it holds, and is what it was but for the apostrophe', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        const [[cell]] = parse(`${csvCell(value)},x`, { relax_column_count: true }) as [string[]];
        expect(cell === value || cell === `'${value}`).toBe(true);
        if (Number.isNaN(Number(cell))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
    );
  });
});

describe('the result of a file', () => {
  const header = ['id', 'note', 'predicted_kind'];
  const records = [
    ['1', '=A1', 'x'],
    ['2', 'b', 'y'],
    ['3', 'c'],
  ];
  it('has the rows as they came, and beside them prediction, probabilities, version, or why there is none', () => {
    const results = [
      { answer: { prediction: 'oak', probabilities: { oak: 0.75, elm: 0.25 } }, version: '3' },
      { error: 'note: wrong' },
      undefined,
    ];
    const text = resultCsv({ header, records, results, target: 'kind' });
    expect(text).toBe(
      [
        'id,note,predicted_kind,predicted_kind_2,probability_oak,probability_elm,model_version,prediction_error',
        "1,'=A1,x,oak,0.75,0.25,3,",
        '2,b,y,,,,,note: wrong',
        '3,c,,,,,,not asked',
        '',
      ].join('\r\n'),
    );
  });

  it('of a regression has a number and no probabilities', () => {
    const results = [{ answer: { prediction: -2.5 }, version: '1' }];
    expect(resultCsv({ header: ['id'], records: [['7']], results, target: 'price' })).toBe(
      'id,predicted_price,model_version,prediction_error\r\n7,-2.5,1,\r\n',
    );
  });
});
