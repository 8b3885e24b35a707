import type { CodeGroup } from './steps.ts';

/**
 * Diagnosis codes of ICD-9-CM by chapter, as Strack and others group them for these very hospitals: diabetes stands apart
 * from the other endocrine diseases, and a symptom of one organ system (785 to 788, 782) counts to that system.
 * Strack, DeShazo, Gennings, Olmo, Ventura, Cios, Clore: Impact of HbA1c Measurement on Hospital Readmission Rates,
 * BioMed Research International 2014, 781670, table 2; chapters as in ICD-9-CM, tabular list.
 *
 * The order matters: a code belongs to the first group that holds it.
 *
 * @example
 * groupCodes(['diag_1', 'diag_2', 'diag_3'], { groups: icd9Chapters })
 */
export const icd9Chapters: CodeGroup[] = [
  { name: 'diabetes', ranges: [[250, 250]] },
  {
    name: 'circulatory',
    ranges: [
      [390, 459],
      [785, 785],
    ],
  },
  {
    name: 'respiratory',
    ranges: [
      [460, 519],
      [786, 786],
    ],
  },
  {
    name: 'digestive',
    ranges: [
      [520, 579],
      [787, 787],
    ],
  },
  {
    name: 'genitourinary',
    ranges: [
      [580, 629],
      [788, 788],
    ],
  },
  {
    name: 'skin',
    ranges: [
      [680, 709],
      [782, 782],
    ],
  },
  { name: 'infectious', ranges: [[1, 139]] },
  { name: 'neoplasms', ranges: [[140, 239]] },
  { name: 'endocrine', ranges: [[240, 279]] },
  { name: 'blood', ranges: [[280, 289]] },
  { name: 'mental', ranges: [[290, 319]] },
  { name: 'nervous', ranges: [[320, 359]] },
  { name: 'senses', ranges: [[360, 389]] },
  { name: 'pregnancy', ranges: [[630, 679]] },
  { name: 'musculoskeletal', ranges: [[710, 739]] },
  { name: 'congenital', ranges: [[740, 759]] },
  { name: 'perinatal', ranges: [[760, 779]] },
  { name: 'symptoms', ranges: [[780, 799]] },
  { name: 'injury', ranges: [[800, 999]] },
  { name: 'external', prefixes: ['E', 'V'] },
];
