import { stringify } from 'csv-stringify/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import '../../support/seed.ts';
import { feedbackItems } from '../../../bin/cli/feedback-file.ts';

const csv = (...lines: string[]) => ['requestId,row,label', ...lines, ''].join('\n');

describe('a file of labels', () => {
  const id = fc.stringMatching(/^[a-z0-9-]{1,20}$/);
  const item = fc.record(
    { requestId: id, row: fc.nat(999), label: fc.string({ minLength: 1, unit: 'grapheme' }) },
    { requiredKeys: ['requestId', 'label'] },
  );
  const items = fc.array(item, { minLength: 1, maxLength: 10 });

  it('gives the same labels as a JSON list, as JSON lines and as CSV, whatever they hold', () => {
    fc.assert(
      fc.property(items, (all) => {
        expect(feedbackItems(JSON.stringify(all), false)).toEqual(all);
        expect(feedbackItems(all.map((one) => JSON.stringify(one)).join('\r\n'), false)).toEqual(all);
        const text = stringify(
          all.map(({ requestId, row, label }) => [requestId, row ?? '', label]),
          { header: true, columns: ['requestId', 'row', 'label'], quoted: true },
        );
        expect(feedbackItems(text, false)).toEqual(all);
      }),
    );
  });

  it('gives numbers as they were written, where the target is one', () => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(number, (label) => {
        const text = JSON.stringify(label);
        expect(feedbackItems(csv(`a,0,${text}`), true)).toEqual([
          { requestId: 'a', row: 0, label: JSON.parse(text) },
        ]);
      }),
    );
    expect(feedbackItems(csv('a,0, +2.50 ', 'b,1,.5'), true).map(({ label }) => label)).toEqual([2.5, 0.5]);
  });

  it('takes an empty cell for a row that is left out, in a column or without one', () => {
    expect(feedbackItems(csv('a,,yes', 'b, ,no'), false)).toEqual([
      { requestId: 'a', label: 'yes' },
      { requestId: 'b', label: 'no' },
    ]);
    expect(feedbackItems('label,requestId\nyes,a\n', false)).toEqual([{ requestId: 'a', label: 'yes' }]);
  });

  it('may have a byte order mark and end without a line end', () => {
    expect(feedbackItems('\ufeffrequestId,label\na,1', true)).toEqual([{ requestId: 'a', label: 1 }]);
  });

  it.each([' ', '\t', '0x1f', '0b1', 'Infinity', '-Infinity', 'NaN', '1e', '1,5', '--1', '١'])(
    'takes %j for no number: it would be another than was meant',
    (label) => {
      expect(() => feedbackItems(csv('a,0,1', `b,0,"${label}"`), true)).toThrow('line 3');
    },
  );

  it.each(['-1', '1.5', 'x', '1e3', '0x1'])('takes %j for no row', (row) => {
    expect(() => feedbackItems(csv(`a,${row},yes`), false)).toThrow('line 2');
  });

  it.each([
    ['no request', csv(',0,yes'), 'line 2'],
    ['no label', csv('a,0,'), 'line 2'],
    ['JSON lines with an empty one between', '{"requestId":"a","label":1}\n\n{"requestId"', 'line 3'],
    ['a list of what is none', '[null]', 'entry 1'],
    ['a list of texts', '["a"]', 'entry 1'],
    ['a label that is null', '[{"requestId":"a","label":null}]', 'entry 1'],
    ['a request that is a number', '[{"requestId":1,"label":1}]', 'entry 1'],
    ['nothing', '', 'the file is empty'],
  ])('with %s is refused, naming the place', (_, text, place) => {
    expect(() => feedbackItems(text, false)).toThrow(place);
  });

  it('keeps what a label may be in JSON: false and 0 are labels', () => {
    const all = [
      { requestId: 'a', label: false },
      { requestId: 'b', label: 0 },
    ];
    expect(feedbackItems(JSON.stringify(all), true)).toEqual(all);
  });
});
