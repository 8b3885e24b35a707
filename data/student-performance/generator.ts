import type { RowGenerator } from '../../lib/pipeline/index.ts';

export const GRADES = ['Excellent', 'Vg', 'Good', 'Average'] as const;
export const OCCUPATIONS = [
  'DOCTOR',
  'SCHOOL_TEACHER',
  'BUSINESS',
  'COLLEGE_TEACHER',
  'OTHERS',
  'BANK_OFFICIAL',
  'ENGINEER',
  'CULTIVATOR',
  'HOUSE_WIFE',
] as const;

/** How often each value stands in the 666 rows of UCI 582. */
const COUNTS: Record<string, Record<string, number>> = {
  Gender: { male: 355, female: 311 },
  Caste: { General: 329, OBC: 162, SC: 67, ST: 108 },
  coaching: { NO: 150, WA: 449, OA: 67 },
  time: { ONE: 199, TWO: 368, THREE: 86, FOUR: 11, FIVE: 1, SEVEN: 1 },
  Class_ten_education: { SEBA: 396, OTHERS: 21, CBSE: 249 },
  twelve_education: { AHSEC: 368, CBSE: 290, OTHERS: 8 },
  medium: { ENGLISH: 536, OTHERS: 74, ASSAMESE: 56 },
  'Class_ X_Percentage': { Excellent: 511, Vg: 101, Good: 41, Average: 13 },
  Class_XII_Percentage: { Excellent: 398, Vg: 181, Good: 75, Average: 12 },
  Father_occupation: {
    DOCTOR: 55,
    SCHOOL_TEACHER: 109,
    BUSINESS: 103,
    COLLEGE_TEACHER: 27,
    OTHERS: 277,
    BANK_OFFICIAL: 23,
    ENGINEER: 45,
    CULTIVATOR: 27,
  },
  Mother_occupation: {
    OTHERS: 72,
    HOUSE_WIFE: 442,
    SCHOOL_TEACHER: 108,
    DOCTOR: 13,
    COLLEGE_TEACHER: 20,
    BANK_OFFICIAL: 4,
    BUSINESS: 3,
    CULTIVATOR: 1,
    ENGINEER: 3,
  },
};

/** A stand-in with the columns, categories and marginal shares of UCI 582; the grade leans on the school grades. */
export const studentsLikeUci: RowGenerator = (random, count) =>
  Array.from({ length: count }, () => {
    const row: Record<string, string> = { Performance: '' };
    for (const [column, counts] of Object.entries(COUNTS)) row[column] = draw(random, counts);
    row.Performance = grade(random, row);
    return row;
  });

function draw(random: () => number, counts: Record<string, number>): string {
  const values = Object.entries(counts).flatMap(([value, n]) => Array<string>(n).fill(value));
  return values[Math.floor(random() * values.length)]!;
}

/**
 * The grade leans on the school grades, caste, coaching and time, so that a model has something to find; the bounds keep
 * the shares of the real grades (101, 198, 210, 157 of 666).
 */
function grade(random: () => number, row: Record<string, string>): string {
  const school = GRADES.indexOf(row.Class_XII_Percentage as (typeof GRADES)[number]);
  const reserved = row.Caste === 'General' ? 0 : 1;
  const untrained = row.coaching === 'NO' ? 1 : 0;
  const score = 0.55 * random() + 0.14 * school + 0.22 * reserved + 0.12 * untrained;
  if (score < 0.24) return 'Excellent';
  if (score < 0.45) return 'Vg';
  return score < 0.67 ? 'Good' : 'Average';
}
