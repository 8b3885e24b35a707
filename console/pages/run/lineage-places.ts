import type { LineageNode } from '../../../lib/pipeline/run-reports/index.ts';
import type { Place } from '../../address.ts';

/** Where a node of the lineage is shown; undefined where no page shows it. */
export function placeOfNode({ kind, ref }: LineageNode, runId: string): Place | undefined {
  if (ref === undefined) return undefined;
  switch (kind) {
    case 'run':
    case 'candidate':
      return ref === runId ? undefined : { view: 'run', id: ref };
    case 'version': {
      // A model's name may hold a slash, a version's number never does.
      const at = ref.lastIndexOf('/');
      return at < 1 ? undefined : { view: 'model', name: ref.slice(0, at), version: ref.slice(at + 1) };
    }
    case 'alias':
      return { view: 'model', name: ref };
    case 'dataset':
    case 'source':
      return { view: 'run', id: runId, tab: 'data' };
    case 'definition':
    case 'model':
      return { view: 'run', id: runId, tab: 'files' };
  }
}

/** The command line that says more of a node. */
export const commandOf = ({ kind, ref }: LineageNode): string | undefined =>
  ref !== undefined && (kind === 'dataset' || kind === 'source')
    ? `npx arboleda data pull ${ref.slice(0, 12)}`
    : undefined;
