/** Draws a graph in layers, after Sugiyama: every edge leads to a later layer. Pure, so that tests need no page. */

export interface Edge {
  from: string;
  to: string;
}

export interface Placed {
  id: string;
  /** Of its upper left corner. */
  x: number;
  y: number;
  /** Counted from 0 along the graph's direction. */
  layer: number;
  /** Its place among the nodes of its layer, from 0. */
  place: number;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  /** `path` is an SVG path from the one's side to the other's. */
  edges: (Edge & { path: string })[];
}

export interface LayoutOptions {
  /** Which way the layers follow each other; `down` suits a narrow page. */
  direction: 'right' | 'down';
  nodeWidth: number;
  nodeHeight: number;
  /** Between layers. */
  gap: number;
  /** Between nodes of one layer. */
  spread: number;
}

/** A node, or a place that an edge over several layers passes through. */
interface Spot {
  id: string;
  layer: number;
  isNode: boolean;
}

const SWEEPS = 8;

/** Places the nodes. Edges to nodes that are not there are left out; of a circle, the edge that closes it is drawn backwards. */
export function layered(ids: readonly string[], edges: readonly Edge[], options: LayoutOptions): Layout {
  const known = new Set(ids);
  const there = edges.filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
  const forward = withoutCircles(ids, there);
  const layerOf = longestPaths(ids, forward);
  const { spots, links, chains } = withDetours(ids, forward, layerOf);
  const layers = ordered(spots, links);
  const at = placed(layers, options);
  const layer = (id: string) => layerOf.get(id) ?? 0;
  const nodes = ids.map((id) => {
    const { x, y, place } = at.get(id)!;
    return {
      id,
      x,
      y,
      layer: layer(id),
      place: layers[layer(id)]!.slice(0, place).filter((s) => s.isNode).length,
    };
  });
  const size = sizeOf(layers, options);
  const drawn = there.map((edge) => {
    const turned = !forward.includes(edge);
    const chain = turned ? [edge.from, edge.to] : (chains.get(edge) ?? []);
    return {
      ...edge,
      path: pathOf(
        chain.map((id) => at.get(id)!),
        options,
      ),
    };
  });
  return { ...size, nodes, edges: drawn };
}

/** The edges but those that lead back to a node whose search is still open. */
function withoutCircles(ids: readonly string[], edges: readonly Edge[]): Edge[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const state = new Map<string, 'open' | 'done'>();
  const kept = new Set<Edge>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const edge of next.get(id) ?? []) {
      if (state.get(edge.to) === 'open') continue;
      kept.add(edge);
      if (!state.has(edge.to)) visit(edge.to);
    }
    state.set(id, 'done');
  };
  for (const id of ids) if (!state.has(id)) visit(id);
  return edges.filter((edge) => kept.has(edge));
}

/** Each node's layer: one past the latest of those before it. */
function longestPaths(ids: readonly string[], edges: readonly Edge[]): Map<string, number> {
  const before = Map.groupBy(edges, ({ to }) => to);
  const layers = new Map<string, number>();
  const layerOf = (id: string): number => {
    const found = layers.get(id);
    if (found !== undefined) return found;
    const layer = Math.max(-1, ...(before.get(id) ?? []).map(({ from }) => layerOf(from))) + 1;
    layers.set(id, layer);
    return layer;
  };
  for (const id of ids) layerOf(id);
  return layers;
}

/** Every edge as links from one layer to the next, with a spot in each layer that it passes. */
function withDetours(ids: readonly string[], edges: readonly Edge[], layerOf: ReadonlyMap<string, number>) {
  const spots: Spot[] = ids.map((id) => ({ id, layer: layerOf.get(id)!, isNode: true }));
  const links: Edge[] = [];
  const chains = new Map<Edge, string[]>();
  edges.forEach((edge, i) => {
    const [first, last] = [layerOf.get(edge.from)!, layerOf.get(edge.to)!];
    const chain = [edge.from];
    for (let layer = first + 1; layer < last; layer++) {
      // A space stands in no id of ours that it could be taken for.
      const id = ` ${i} ${layer}`;
      spots.push({ id, layer, isNode: false });
      chain.push(id);
    }
    chain.push(edge.to);
    links.push(...chain.slice(1).map((to, k) => ({ from: chain[k]!, to })));
    chains.set(edge, chain);
  });
  return { spots, links, chains };
}

/** The spots of each layer, in an order with few crossings: each goes to the mean of its neighbours, to and fro. */
function ordered(spots: readonly Spot[], links: readonly Edge[]): Spot[][] {
  const count = Math.max(-1, ...spots.map(({ layer }) => layer)) + 1;
  const layers = Array.from({ length: count }, (_, layer) => spots.filter((spot) => spot.layer === layer));
  const above = Map.groupBy(links, ({ to }) => to);
  const below = Map.groupBy(links, ({ from }) => from);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    const order = isDown ? layers.keys() : [...layers.keys()].reverse();
    for (const i of order) {
      const fixed = layers[isDown ? i - 1 : i + 1];
      if (fixed === undefined) continue;
      const place = new Map(fixed.map(({ id }, at) => [id, at]));
      const neighbours = ({ id }: Spot) =>
        isDown ? (above.get(id) ?? []).map(({ from }) => from) : (below.get(id) ?? []).map(({ to }) => to);
      const own = new Map(
        layers[i]!.map((spot, at) => [spot, mean(neighbours(spot).map((id) => place.get(id)!)) ?? at]),
      );
      layers[i] = layers[i]!.toSorted((a, b) => own.get(a)! - own.get(b)!);
    }
  }
  return layers;
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

function acrossOf(
  layer: readonly Spot[],
  { direction, nodeWidth, nodeHeight, spread }: LayoutOptions,
): number {
  const size = direction === 'right' ? nodeHeight : nodeWidth;
  return layer.length * size + Math.max(0, layer.length - 1) * spread;
}

function sizeOf(layers: readonly Spot[][], options: LayoutOptions): { width: number; height: number } {
  const { direction, nodeWidth, nodeHeight, gap } = options;
  const size = direction === 'right' ? nodeWidth : nodeHeight;
  const along = layers.length * size + Math.max(0, layers.length - 1) * gap;
  const across = Math.max(0, ...layers.map((layer) => acrossOf(layer, options)));
  return direction === 'right' ? { width: along, height: across } : { width: across, height: along };
}

type Spotted = { x: number; y: number; place: number; isNode: boolean };

/** Every layer in the middle of the widest one. */
function placed(layers: readonly Spot[][], options: LayoutOptions): Map<string, Spotted> {
  const { direction, nodeWidth, nodeHeight, gap, spread } = options;
  const isRight = direction === 'right';
  const whole = Math.max(0, ...layers.map((layer) => acrossOf(layer, options)));
  const at = new Map<string, Spotted>();
  layers.forEach((layer, i) => {
    const start = (whole - acrossOf(layer, options)) / 2;
    layer.forEach(({ id, isNode }, place) => {
      const along = i * ((isRight ? nodeWidth : nodeHeight) + gap);
      const across = start + place * ((isRight ? nodeHeight : nodeWidth) + spread);
      at.set(id, { place, isNode, ...(isRight ? { x: along, y: across } : { x: across, y: along }) });
    });
  });
  return at;
}

/** A smooth line through the middle of each spot's sides. */
function pathOf(chain: readonly Spotted[], { direction, nodeWidth, nodeHeight }: LayoutOptions): string {
  const isRight = direction === 'right';
  const enter = ({ x, y }: Spotted) =>
    (isRight ? [x, y + nodeHeight / 2] : [x + nodeWidth / 2, y]) as [number, number];
  const leave = (spot: Spotted): [number, number] => {
    const [x, y] = enter(spot);
    return isRight ? [x + nodeWidth, y] : [x, y + nodeHeight];
  };
  const [first, ...rest] = chain;
  if (first === undefined) return '';
  const parts = [`M${leave(first).map(round).join(' ')}`];
  let from = leave(first);
  for (const spot of rest) {
    const to = enter(spot);
    const half = isRight ? (to[0] - from[0]) / 2 : (to[1] - from[1]) / 2;
    const control = isRight
      ? [from[0] + half, from[1], to[0] - half, to[1]]
      : [from[0], from[1] + half, to[0], to[1] - half];
    parts.push(`C${[...control, ...to].map(round).join(' ')}`);
    // Through a layer without a node of its own the line goes straight on.
    if (!spot.isNode) parts.push(`L${leave(spot).map(round).join(' ')}`);
    from = leave(spot);
  }
  return parts.join(' ');
}

const round = (value: number): number => Math.round(value * 10) / 10;

const STEPS: Record<LayoutOptions['direction'], Record<string, readonly [number, number]>> = {
  right: { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] },
  down: { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] },
};

/** The node that an arrow key leads to from `id`: along to the nearest joined one, across within its layer. */
export function neighbour(
  layout: Pick<Layout, 'nodes' | 'edges'>,
  id: string,
  key: string,
  direction: LayoutOptions['direction'],
): string | undefined {
  const from = layout.nodes.find((node) => node.id === id);
  if (from === undefined) return undefined;
  if (key === 'Home' || key === 'End') {
    const sorted = layout.nodes.toSorted((a, b) => a.layer - b.layer || a.place - b.place);
    return sorted.at(key === 'Home' ? 0 : -1)?.id;
  }
  const [along, across] = STEPS[direction][key] ?? [0, 0];
  if (across !== 0) {
    return layout.nodes.find(({ layer, place }) => layer === from.layer && place === from.place + across)?.id;
  }
  if (along === 0) return undefined;
  const joined = layout.edges.flatMap((edge) =>
    along > 0 && edge.from === id ? [edge.to] : along < 0 && edge.to === id ? [edge.from] : [],
  );
  const distance = ({ x, y }: Placed) => Math.abs(x - from.x) + Math.abs(y - from.y);
  return layout.nodes
    .filter((node) => joined.includes(node.id))
    .toSorted((a, b) => distance(a) - distance(b))[0]?.id;
}
