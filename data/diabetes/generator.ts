import type { RowGenerator } from '../../lib/pipeline/index.ts';
import { ENCOUNTERS, SHARES } from './shares.ts';

type Draw = (random: () => number) => string;

/** Draws a value by its count; the sums are made once. */
function drawer(counts: Readonly<Record<string, number>>): Draw {
  const values = Object.keys(counts);
  let total = 0;
  const sums = values.map((value) => {
    total += counts[value]!;
    return total;
  });
  return (random) => {
    const at = random() * total;
    return values[sums.findIndex((sum) => at < sum)] ?? values.at(-1)!;
  };
}

const DRAWERS = Object.entries(SHARES).map(([column, counts]) => [column, drawer(counts)] as const);
const draws: Readonly<Record<string, Draw>> = Object.fromEntries(DRAWERS);
const encounters = drawer(Object.fromEntries(ENCOUNTERS.map((count, i) => [i + 1, count])));

/** What a patient keeps from one stay to the next. */
const PERSONAL = ['race', 'gender', 'age', 'weight'];
/** Stays after which nobody comes back: the patient died. */
const DIED = ['11', '19', '20', '21'];

/**
 * A stand-in with the columns, categories and marginal shares of UCI 296, and its patients who come again: about a
 * quarter has more than one stay, with the same person's facts and more earlier stays each time. Whether a patient is
 * readmitted leans on the number of earlier stays, on where the patient went, and on age, as it does there.
 */
export const encountersLikeUci: RowGenerator = (random, count) => {
  const rows: Record<string, string>[] = [];
  for (let patient = 1; rows.length < count; patient++) {
    const personal = Object.fromEntries(PERSONAL.map((column) => [column, draws[column]!(random)]));
    const frail = random() < 0.25;
    const stays = Number(encounters(random));
    for (let stay = 0; stay < stays && rows.length < count; stay++) {
      rows.push(encounter(random, { encounter: rows.length + 1, patient, stay, frail, personal }));
    }
  }
  return rows;
};

interface Stay {
  encounter: number;
  patient: number;
  /** Earlier stays in the data. */
  stay: number;
  frail: boolean;
  personal: Record<string, string>;
}

function encounter(
  random: () => number,
  { encounter: id, patient, stay, frail, personal }: Stay,
): Record<string, string> {
  const row: Record<string, string> = { encounter_id: String(id), patient_nbr: String(patient) };
  for (const [column, draw] of DRAWERS) row[column] = personal[column] ?? draw(random);
  row.num_lab_procedures = String(about(random, 43, 20, 1, 132));
  row.num_medications = String(about(random, 16, 8, 1, 81));
  row.number_inpatient = String(Math.min(21, stay + (frail ? Math.floor(random() * 4) : 0)));
  // What was not prescribed cannot have been changed.
  if (row.diabetesMed === 'No') row.change = 'No';
  row.readmitted = readmitted(random, row);
  return row;
}

/** A whole number around `mean`, of a bell of that spread (the sum of three uniforms), cut at the bounds. */
function about(random: () => number, mean: number, spread: number, least: number, most: number): number {
  const bell = 2 * (random() + random() + random() - 1.5);
  return Math.round(Math.min(most, Math.max(least, mean + bell * spread)));
}

function readmitted(random: () => number, row: Record<string, string>): string {
  if (DIED.includes(row.discharge_disposition_id!)) return 'NO';
  const earlier = Math.min(4, Number(row.number_inpatient));
  const away = row.discharge_disposition_id === '1' ? 0 : 0.03;
  const soon = 0.08 + 0.05 * earlier + away;
  const later = 0.3 + 0.06 * earlier + (row.age! >= '[50' ? 0.03 : 0);
  const at = random();
  if (at < soon) return '<30';
  return at < soon + later ? '>30' : 'NO';
}
