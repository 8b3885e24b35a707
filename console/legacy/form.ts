import { columnOf, type Field, fieldsOf, rowOf } from '../form/fields.ts';
import type { FormModel } from '../form/openapi.ts';
import { Problem } from '../lib/api.ts';
import { button, type Child, h, listen } from './dom.ts';
import { problemBox } from './parts.ts';
import { type Answer, predictionBox } from './prediction.ts';

export interface PredictFormOptions {
  model: FormModel;
  heading: Child;
  send(row: Record<string, unknown>): Promise<unknown>;
  /** After a prediction was stored. */
  afterwards(): void;
}

type Input = HTMLInputElement | HTMLSelectElement;
interface Row {
  field: Field;
  input: Input;
  error: HTMLElement;
  element: HTMLElement;
}

/** The form of a model, filled with its example row, and beside it what the model answers. */
export function predictForm({ model, heading, send, afterwards }: PredictFormOptions): HTMLElement {
  const rows = fieldsOf(model.schema, model.example).map(formRow);
  const result = h(
    'div',
    { class: 'result', 'aria-live': 'polite' },
    h('p', { class: 'quiet' }, 'The prediction will stand here.'),
  );
  const submit = h('button', { class: 'primary' }, 'Predict');
  const reset = button('Example row', () => {
    for (const { field, input, error } of rows) {
      input.value = field.initial;
      mark(input, error, undefined);
    }
  });
  const show = (problems: ReadonlyMap<string, string>) => {
    for (const { field, input, error } of rows) mark(input, error, problems.get(field.name));
    rows.find(({ field }) => problems.has(field.name))?.input.focus();
  };
  const form = h(
    'form',
    { class: 'fields', novalidate: true, 'aria-label': `A row of ${model.model}` },
    rows.map(({ element }) => element),
    h('div', { class: 'actions' }, submit, reset),
  );
  listen(form, 'submit', async (event) => {
    event.preventDefault();
    const fields = rows.map(({ field }) => field);
    const values = new Map(rows.map(({ field, input }) => [field.name, input.value]));
    const { row, problems } = rowOf(fields, values);
    show(problems);
    if (problems.size > 0) return;
    submit.disabled = true;
    try {
      const answer = (await send(row)) as Answer;
      result.replaceChildren(predictionBox(model.target, answer));
      afterwards();
    } catch (error) {
      const column = error instanceof Problem ? columnOf(error.field) : undefined;
      const known = fields.some(({ name }) => name === column);
      if (known) show(new Map([[column as string, (error as Problem).message]]));
      result.replaceChildren(problemBox(error));
    } finally {
      submit.disabled = false;
    }
  });
  return h('section', { class: 'card predict' }, h('div', { class: 'form' }, heading, form), result);
}

function mark(input: Input, error: HTMLElement, problem: string | undefined): void {
  error.textContent = problem ?? '';
  if (problem === undefined) input.removeAttribute('aria-invalid');
  else input.setAttribute('aria-invalid', 'true');
}

/** Columns have any name, so that ids are numbers. */
function formRow(field: Field, index: number): Row {
  const id = `field-${index}`;
  const help = h('p', { class: 'help', id: `${id}-help` }, field.help);
  const error = h('p', { class: 'error', id: `${id}-error`, 'aria-live': 'polite' });
  const described = field.help === '' ? `${id}-error` : `${id}-help ${id}-error`;
  const common = {
    id,
    name: field.name,
    'aria-describedby': described,
    'aria-required': String(field.required),
  };
  const isChoice = field.kind === 'choice' || field.kind === 'boolean';
  const input: Input = isChoice ? selectOf(field, common) : inputOf(field, common);
  const suggestions =
    !isChoice && field.choices.length > 0
      ? h(
          'datalist',
          { id: `${id}-list` },
          field.choices.map((value) => h('option', { value })),
        )
      : null;
  if (suggestions !== null) input.setAttribute('list', `${id}-list`);
  const label = h(
    'label',
    { for: id },
    field.name,
    field.required ? null : h('span', { class: 'quiet' }, ' (optional)'),
  );
  return {
    field,
    input,
    error,
    element: h('div', { class: 'field' }, label, input, suggestions, field.help === '' ? null : help, error),
  };
}

function selectOf(field: Field, common: Record<string, string>): HTMLSelectElement {
  const select = h(
    'select',
    common,
    field.required && field.initial !== '' ? null : h('option', { value: '' }, '(missing)'),
    field.choices.map((value) => h('option', { value }, value)),
  );
  select.value = field.initial;
  return select;
}

function inputOf(field: Field, common: Record<string, string>): HTMLInputElement {
  const isNumber = field.kind === 'number' || field.kind === 'integer';
  return h('input', {
    ...common,
    type: isNumber ? 'number' : 'text',
    autocomplete: 'off',
    value: field.initial,
    ...(isNumber
      ? { step: field.kind === 'integer' ? 1 : 'any', min: field.minimum, max: field.maximum }
      : {}),
    ...(field.kind === 'integer'
      ? { inputmode: 'numeric' }
      : field.kind === 'number'
        ? { inputmode: 'decimal' }
        : {}),
    ...(field.kind === 'date' ? { placeholder: '2026-01-31T12:00:00Z' } : {}),
  });
}
