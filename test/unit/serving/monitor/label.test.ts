import { describe, expect, it } from 'vitest';
import { checkLabel } from '../../../../lib/serving/monitor/label.ts';
import type { ColumnSpec } from '../../../../lib/table/types.ts';

const target = (spec: Partial<ColumnSpec>, task: 'classification' | 'regression' = 'classification') => ({
  task,
  target: 't',
  rowSchema: { columns: [{ name: 't', kind: 'category' as const, nullable: false, ...spec }] },
});

describe('checkLabel', () => {
  it('takes what the target can be', () => {
    expect(checkLabel(target({ kind: 'number' }, 'regression'), 3.5, 'label')).toBe(3.5);
    expect(checkLabel(target({ kind: 'integer' }), 2, 'label')).toBe(2);
    expect(checkLabel(target({ kind: 'boolean' }), true, 'label')).toBe('true');
    expect(checkLabel(target({ categories: ['a', 'b'] }), 'b', 'label')).toBe('b');
    expect(checkLabel(target({ categories: ['1', '2'], numericCategories: true }), 2, 'label')).toBe('2');
    // A class that training never saw is a label, too.
    expect(checkLabel(target({}), 'unheard of', 'label')).toBe('unheard of');
    expect(checkLabel(target({ kind: 'date' }, 'regression'), '1970-01-02', 'label')).toBe(86_400_000);
  });

  it.each<[Partial<ColumnSpec>, 'classification' | 'regression', string | number | boolean]>([
    [{ kind: 'number' }, 'regression', 'dear'],
    [{ kind: 'number' }, 'regression', 1e101],
    [{ kind: 'number', minimum: 0 }, 'regression', -1],
    [{ kind: 'integer' }, 'classification', 1.5],
    [{ kind: 'boolean' }, 'classification', 1],
    [{ categories: ['a', 'b'] }, 'classification', 'c'],
    [{}, 'classification', true],
    [{}, 'classification', 'x'.repeat(1_001)],
    [{ kind: 'date' }, 'regression', 'someday'],
  ])('refuses for %o (%s) the label %s, naming the field', (spec, task, label) => {
    expect(() => checkLabel(target(spec, task), label, 'items[3].label')).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', field: 'items[3].label' }),
    );
  });
});
