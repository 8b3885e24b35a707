/**
 * What a model is trained on:
 * - `batch`: one batch of the training rows;
 * - `whole`: all training rows;
 * - `merged`: nothing of its own: the candidate's batch models put together;
 * - `row-split`: the training rows of the split by rows, for comparison only.
 */
export const PARTS = ['batch', 'whole', 'merged', 'row-split'] as const;
export type Part = (typeof PARTS)[number];
