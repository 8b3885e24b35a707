import { useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { cx } from '../lib/class.ts';
import { type Edge, type Layout, type LayoutOptions, layered, neighbour } from '../lib/layers.ts';
import { Status } from './badge.tsx';

export interface GraphNode {
  id: string;
  title: string;
  /** A second line; what does not fit is cut, and whole in the node's title. */
  detail?: string;
  /** Of a run or a stage: an icon with its word. */
  status?: string | undefined;
}

export interface GraphProps {
  /** What the graph is of, for who cannot see it. */
  label: string;
  nodes: readonly GraphNode[];
  edges: readonly Edge[];
  /** The node that is looked at. */
  chosen?: string | undefined;
  onChoose?: (id: string) => void;
}

const SIZE = { nodeHeight: 66, spread: 16 };
/** Nodes are as wide as there is room for, the widest first; with the gap between their layers. */
const RIGHT = [
  { nodeWidth: 188, gap: 32 },
  { nodeWidth: 160, gap: 32 },
  { nodeWidth: 132, gap: 24 },
];
const DOWN = [
  { nodeWidth: 220, gap: 28 },
  { nodeWidth: 148, gap: 28 },
];

/**
 * A graph in layers: to the right where there is room, downwards where there is not. Each node is a button; Tab leads into
 * the graph once, the arrow keys from node to node along the lines.
 */
export function Graph({ label, nodes, edges, chosen, onChoose }: GraphProps) {
  const room = useRef<HTMLFieldSetElement>(null);
  const [width, setWidth] = useState(innerWidth);
  const [focused, setFocused] = useState<string>();
  useLayoutEffect(() => {
    const element = room.current;
    if (element === null) return;
    setWidth(element.clientWidth);
    const watch = new ResizeObserver(() => setWidth(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const ids = nodes.map(({ id }) => id);
  const shape = JSON.stringify([ids, edges]);
  const { layout, nodeWidth, direction } = useMemo(() => fitted(ids, edges, width), [shape, width]);
  const entry = [focused, chosen, ids[0]].find((id) => id !== undefined && ids.includes(id));

  const onKeyDown = (event: KeyboardEvent) => {
    const from = (event.target as HTMLElement).dataset.node;
    const to = from === undefined ? undefined : neighbour(layout, from, event.key, direction);
    if (to === undefined) return;
    event.preventDefault();
    setFocused(to);
    room.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(to)}"]`)?.focus();
  };

  return (
    <fieldset class="graph" ref={room} aria-label={label} onKeyDown={onKeyDown}>
      <div class="graph-room" style={{ width: `${layout.width}px`, height: `${layout.height}px` }}>
        <Lines layout={layout} />
        {nodes.map((node, i) => (
          <Node
            key={node.id}
            node={node}
            at={layout.nodes[i]!}
            width={nodeWidth}
            isChosen={node.id === chosen}
            isEntry={node.id === entry}
            before={edges
              .filter(({ to }) => to === node.id)
              .map(({ from }) => nodes.find(({ id }) => id === from)?.title)}
            onChoose={() => {
              setFocused(node.id);
              onChoose?.(node.id);
            }}
          />
        ))}
      </div>
    </fieldset>
  );
}

interface Fitted {
  layout: Layout;
  nodeWidth: number;
  direction: LayoutOptions['direction'];
}

/** To the right with the widest nodes that fit; downwards where none do. */
function fitted(ids: readonly string[], edges: readonly Edge[], width: number): Fitted {
  const choices = [
    ...RIGHT.map((size) => ({ ...SIZE, ...size, direction: 'right' as const })),
    ...DOWN.map((size) => ({ ...SIZE, ...size, direction: 'down' as const })),
  ];
  const all = choices.map((options) => ({
    layout: layered(ids, edges, options),
    nodeWidth: options.nodeWidth,
    direction: options.direction,
  }));
  return all.find(({ layout }) => layout.width <= width) ?? all.at(-1)!;
}

function Lines({ layout: { width, height, edges } }: { layout: Layout }) {
  const arrow = useId();
  return (
    <svg class="graph-lines" width={width} height={height} aria-hidden="true">
      <defs>
        <marker id={arrow} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path class="graph-head" d="M0 0 8 4 0 8z" />
        </marker>
      </defs>
      {edges.map(({ from, to, path }) => (
        <path key={`${from} ${to}`} class="graph-line" d={path} marker-end={`url(#${arrow})`} />
      ))}
    </svg>
  );
}

function Node({
  node: { id, title, detail, status },
  at: { x, y },
  width,
  isChosen,
  isEntry,
  before,
  onChoose,
}: {
  node: GraphNode;
  at: { x: number; y: number };
  width: number;
  isChosen: boolean;
  isEntry: boolean;
  /** The titles of the nodes that lead here. */
  before: readonly (string | undefined)[];
  onChoose: () => void;
}) {
  const place = {
    left: `${x}px`,
    top: `${y}px`,
    width: `${width}px`,
    height: `${SIZE.nodeHeight}px`,
  };
  return (
    <button
      type="button"
      class={cx('graph-node', status?.toLowerCase(), isChosen && 'chosen')}
      style={place}
      data-node={id}
      tabIndex={isEntry ? 0 : -1}
      aria-pressed={isChosen}
      title={detail ? `${title}: ${detail}` : title}
      onClick={onChoose}
    >
      <strong>{title}</strong>
      {detail ? <span class="quiet">{detail}</span> : null}
      {status === undefined ? null : <Status of={status} />}
      {before.length === 0 ? null : <span class="unseen">, after {before.join(', ')}</span>}
    </button>
  );
}
