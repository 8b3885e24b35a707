import { DRIFT_BOUNDS, judgeDrift } from '../../lib/serving/drift/index.ts';
import { profileTable, seededRandom } from '../../lib/table/index.ts';
import type { Column, Table } from '../../lib/table/types.ts';

/** What is planted into the recent rows. */
export type Shift =
  | { kind: 'none' }
  /** The first number moves by so many standard deviations. */
  | { kind: 'mean'; by: number }
  /** The first number's spread is multiplied. */
  | { kind: 'spread'; by: number }
  /** So much of the first category's share goes to another category. */
  | { kind: 'share'; by: number }
  /** This share of the first number is missing. */
  | { kind: 'missing'; by: number }
  /** This share of the rows has a category that training never saw. */
  | { kind: 'new'; by: number };

export interface Setting {
  shift: Shift;
  /** Rows of the training, and recent ones. */
  training: number;
  rows: number;
  /** Half of them numbers, half categories; numbers depend on each other. */
  features: number;
}

const CATEGORIES = ['a', 'b', 'c', 'd'];
const SHARES = [0.4, 0.3, 0.2, 0.1];

/** Recent samples that are drawn for each training set. */
const PER_TRAINING = 10;

/** How many of so many simulations end in an alarm. Each draws recent rows, every tenth a training set too. */
export function alarms(setting: Setting, simulations: number, seed: number): number {
  const random = seededRandom(seed);
  let raised = 0;
  const training = () => profileTable(draw(random, setting.training, setting.features, { kind: 'none' }));
  let profile = training();
  for (let i = 0; i < simulations; i++) {
    if (i > 0 && i % PER_TRAINING === 0) profile = training();
    const recent = draw(random, setting.rows, setting.features, setting.shift);
    if (judgeDrift(profile, recent, undefined, DRIFT_BOUNDS).status === 'drift') raised++;
  }
  return raised;
}

function draw(random: () => number, rows: number, features: number, shift: Shift): Table {
  const numbers = Math.ceil(features / 2);
  const common = Float64Array.from({ length: rows }, () => normal(random));
  const columns: Column[] = [];
  for (let j = 0; j < features; j++) {
    const planted: Shift = j === 0 || j === numbers ? shift : { kind: 'none' };
    columns.push(
      j < numbers
        ? numberColumn(random, `n${j}`, common, planted)
        : categoryColumn(random, `c${j}`, rows, planted),
    );
  }
  return { rowCount: rows, columns };
}

/** Half of each number's variance is common to all: features of real data depend on each other. */
function numberColumn(random: () => number, name: string, common: Float64Array, shift: Shift): Column {
  const values = common.map((shared) => {
    let value = Math.SQRT1_2 * (shared + normal(random));
    if (shift.kind === 'mean') value += shift.by;
    if (shift.kind === 'spread') value *= shift.by;
    return shift.kind === 'missing' && random() < shift.by ? Number.NaN : value;
  });
  return { name, kind: 'number', values };
}

function categoryColumn(random: () => number, name: string, rows: number, shift: Shift): Column {
  const moved = shift.kind === 'share' ? shift.by : 0;
  const shares = SHARES.map((share, i) => share + (i === 0 ? -moved : i === 3 ? moved : 0));
  const codes = Int32Array.from({ length: rows }, () => {
    if (shift.kind === 'new' && random() < shift.by) return CATEGORIES.length;
    let left = random();
    const found = shares.findIndex((share) => {
      left -= share;
      return left < 0;
    });
    return found === -1 ? CATEGORIES.length - 1 : found;
  });
  return { name, kind: 'category', codes, categories: [...CATEGORIES, 'new'] };
}

/** By Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
