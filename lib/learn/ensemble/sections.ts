import type { ModelParts } from '../types.ts';
import type { EnsembleModelInput } from './model-input.ts';

/** A model's facts and arrays as they stand in a file; docs/model-format.md has the list. */
export function ensembleParts(input: EnsembleModelInput): ModelParts {
  const { ensemble, link, range, notes = [], facts = {}, importance } = input;
  const { aggregate, outputs, slotBits, roots, nodes, cover, sets, categoryCounts, base, leaves } = ensemble;
  return {
    facts: {
      ...facts,
      notes,
      ensemble: { aggregate, leaves: leaves.kind, link, outputs, slotBits, ...(range ? { range } : {}) },
    },
    sections: {
      roots,
      nodes,
      ...(leaves.kind === 'value'
        ? { values: leaves.values, treeOutputs: leaves.treeOutputs }
        : { rows: leaves.rows, table: leaves.table, tableStarts: leaves.tableStarts }),
      sets,
      categoryCounts,
      base,
      importance,
      cover,
    },
  };
}
