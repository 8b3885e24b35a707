import type { Stage } from '../../tracking/types.ts';
import { type DescribedPipeline, describeDefinition } from '../catalog.ts';
import type { PipelineDefinition } from '../definition/index.ts';

export interface DagNode {
  id: string;
  label: string;
  /** The stage that the node belongs to; absent for data and models. */
  stage?: Stage;
}
export interface PipelineDag {
  pipeline: string;
  nodes: DagNode[];
  edges: { from: string; to: string }[];
  /** The same graph as Mermaid text. */
  mermaid: string;
}

/** A pipeline as a graph: its sources, stages, candidates and what it promotes; also as Mermaid text. */
export function pipelineDag(definition: PipelineDefinition): PipelineDag {
  const described = describeDefinition(definition);
  const candidates = described.candidates.map((candidate, index) => ({
    id: `candidate${index}`,
    label: candidate.algorithm,
    stage: 'train' as const,
  }));
  const nodes: DagNode[] = [
    { id: 'source', label: sourceLabel(described) },
    { id: 'ingest', label: `ingest: ${described.schema.columns.length} columns`, stage: 'ingest' },
    {
      id: 'clean',
      label: `clean: ${described.clean.map(({ step }) => step).join(', ') || 'as it is'}`,
      stage: 'clean',
    },
    ...candidates,
    {
      id: 'evaluate',
      label: `evaluate: best ${described.select.metric} on ${described.select.on}`,
      stage: 'evaluate',
    },
    { id: 'register', label: `register: ${described.model}`, stage: 'register' },
  ];
  const edges = [
    { from: 'source', to: 'ingest' },
    { from: 'ingest', to: 'clean' },
    ...candidates.flatMap(({ id }) => [
      { from: 'clean', to: id },
      { from: id, to: 'evaluate' },
    ]),
    { from: 'evaluate', to: 'register' },
  ];
  if (described.promote !== undefined) {
    nodes.push({
      id: 'promote',
      label: `promote: ${described.promote.to} when ${described.promote.when.gate}`,
      stage: 'promote',
    });
    edges.push({ from: 'register', to: 'promote' });
  }
  return { pipeline: definition.name, nodes, edges, mermaid: mermaid(nodes, edges) };
}

const sourceLabel = (described: DescribedPipeline): string =>
  `source: ${described.sources.map(({ kind }) => kind).join(', else ')}`;

function mermaid(nodes: readonly DagNode[], edges: readonly { from: string; to: string }[]): string {
  const quote = (label: string) => `"${label.replaceAll('"', '#quot;')}"`;
  return [
    'flowchart LR',
    ...nodes.map(({ id, label }) => `  ${id}[${quote(label)}]`),
    ...edges.map(({ from, to }) => `  ${from} --> ${to}`),
    '',
  ].join('\n');
}
