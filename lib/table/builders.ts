import { isNumericKind } from './table.ts';
import type { CategoryColumn, Column, ColumnSpec, NumericColumn } from './types.ts';

/** Grows one column a value at a time; memory is doubled as it fills. */
export interface ColumnBuilder {
  /** A number for numeric kinds, text for the others, undefined where missing. */
  push(value: number | string | undefined): void;
  finish(): Column;
}

/** A builder of the column's kind. Declared categories keep their order; others follow in order of appearance. */
export function columnBuilder(spec: ColumnSpec): ColumnBuilder {
  const { name, kind } = spec;
  return isNumericKind(kind)
    ? new NumberBuilder(name, kind)
    : new DictionaryBuilder(name, kind, spec.categories);
}

class NumberBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #kind: NumericColumn['kind'];
  #values = new Float64Array(1024);
  #length = 0;

  constructor(name: string, kind: NumericColumn['kind']) {
    this.#name = name;
    this.#kind = kind;
  }

  push(value: number | string | undefined): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(this.#length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length++] = typeof value === 'number' ? value : Number.NaN;
  }

  finish(): NumericColumn {
    return { name: this.#name, kind: this.#kind, values: this.#values.slice(0, this.#length) };
  }
}

class DictionaryBuilder implements ColumnBuilder {
  readonly #name: string;
  readonly #kind: CategoryColumn['kind'];
  readonly #codeOf = new Map<string, number>();
  #codes = new Int32Array(1024);
  #length = 0;

  constructor(name: string, kind: CategoryColumn['kind'], categories: readonly string[] = []) {
    this.#name = name;
    this.#kind = kind;
    for (const category of categories) this.#codeOf.set(category, this.#codeOf.size);
  }

  push(value: number | string | undefined): void {
    if (this.#length === this.#codes.length) {
      const larger = new Int32Array(this.#length * 2);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[this.#length++] = value === undefined ? -1 : this.#code(String(value));
  }

  #code(value: string): number {
    const known = this.#codeOf.get(value);
    if (known !== undefined) return known;
    const code = this.#codeOf.size;
    this.#codeOf.set(value, code);
    return code;
  }

  finish(): CategoryColumn {
    const codes = this.#codes.slice(0, this.#length);
    return { name: this.#name, kind: this.#kind, codes, categories: [...this.#codeOf.keys()] };
  }
}
