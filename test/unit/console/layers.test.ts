import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edge, type LayoutOptions, layered, neighbour } from '../../../console/lib/layers.ts';

const right: LayoutOptions = { direction: 'right', nodeWidth: 100, nodeHeight: 40, gap: 50, spread: 20 };
const down: LayoutOptions = { ...right, direction: 'down' };
const edgesOf = (...texts: string[]): Edge[] =>
  texts.map((text) => ({ from: text.split('>')[0]!, to: text.split('>')[1]! }));

/** A pipeline with two candidates, as GET /pipelines/{name}/dag gives it. */
const ids = ['source', 'clean', 'c0', 'c1', 'evaluate'];
const edges = edgesOf('source>clean', 'clean>c0', 'clean>c1', 'c0>evaluate', 'c1>evaluate');

describe('a pipeline in layers', () => {
  it('goes to the right, candidates above each other, each layer in the middle', () => {
    const { width, height, nodes } = layered(ids, edges, right);
    expect([width, height]).toEqual([550, 100]);
    expect(nodes).toEqual([
      { id: 'source', x: 0, y: 30, layer: 0, place: 0 },
      { id: 'clean', x: 150, y: 30, layer: 1, place: 0 },
      { id: 'c0', x: 300, y: 0, layer: 2, place: 0 },
      { id: 'c1', x: 300, y: 60, layer: 2, place: 1 },
      { id: 'evaluate', x: 450, y: 30, layer: 3, place: 0 },
    ]);
  });

  it('goes down where the page is narrow', () => {
    const { width, height, nodes } = layered(ids, edges, down);
    expect([width, height]).toEqual([220, 310]);
    expect(nodes[3]).toEqual({ id: 'c1', x: 120, y: 180, layer: 2, place: 1 });
  });

  it('joins the sides that face each other', () => {
    expect(layered(ids, edges, right).edges[0]!.path).toBe('M100 50 C125 50 125 50 150 50');
    expect(layered(ids, edges, down).edges[1]).toEqual({
      from: 'clean',
      to: 'c0',
      path: 'M110 130 C110 155 50 155 50 180',
    });
  });

  it('leads an edge over several layers past the nodes between', () => {
    const { nodes, edges: drawn } = layered(['a', 'b', 'c'], edgesOf('a>b', 'b>c', 'a>c'), right);
    const b = nodes.find(({ id }) => id === 'b')!;
    const path = drawn[2]!.path;
    // It passes the layer of b in a straight line at another height.
    const straight = / L(\d+) (\d+)/.exec(path);
    expect(straight).not.toBeNull();
    expect(Math.abs(Number(straight![2]) - (b.y + 20))).toBeGreaterThanOrEqual(40);
  });

  it('uncrosses what need not cross', () => {
    const { nodes } = layered(['a', 'b', 'y', 'x'], edgesOf('a>x', 'b>y'), right);
    const place = Object.fromEntries(nodes.map((node) => [node.id, node.place]));
    expect(place.a! < place.b!).toBe(place.x! < place.y!);
  });

  it('is empty for nothing, and one node alone', () => {
    expect(layered([], [], right)).toEqual({ width: 0, height: 0, nodes: [], edges: [] });
    expect(layered(['a'], edgesOf('a>gone', 'a>a'), right)).toMatchObject({
      width: 100,
      height: 40,
      edges: [],
    });
  });

  it('holds for every graph: no node on another, forward edges go forward, all lies inside', () => {
    const graph = fc
      .integer({ min: 1, max: 12 })
      .chain((size) =>
        fc.tuple(
          fc.constant(Array.from({ length: size }, (_, i) => `n${i}`)),
          fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1)), { maxLength: 24 }),
          fc.constantFrom(right, down),
        ),
      );
    fc.assert(
      fc.property(graph, ([names, pairs, options]) => {
        const given = pairs.map(([from, to]) => ({ from: `n${from}`, to: `n${to}` }));
        const layout = layered(names, given, options);
        expect(layout.nodes.map(({ id }) => id)).toEqual(names);
        expect(new Set(layout.nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(names.length);
        for (const { x, y } of layout.nodes) {
          expect(x >= 0 && x + 100 <= layout.width && y >= 0 && y + 40 <= layout.height).toBe(true);
        }
        expect(layout.edges).toHaveLength(given.filter(({ from, to }) => from !== to).length);
        const layer = new Map(layout.nodes.map((node) => [node.id, node.layer]));
        const isDag = given.every(({ from, to }) => Number(from.slice(1)) < Number(to.slice(1)));
        if (isDag) for (const { from, to } of given) expect(layer.get(from)!).toBeLessThan(layer.get(to)!);
      }),
    );
  });
});

describe('the arrow keys in a graph', () => {
  const layout = layered(ids, edges, right);
  it.each([
    ['source', 'ArrowRight', 'clean'],
    ['clean', 'ArrowLeft', 'source'],
    ['c0', 'ArrowDown', 'c1'],
    ['c1', 'ArrowUp', 'c0'],
    ['c1', 'ArrowRight', 'evaluate'],
    ['c1', 'Home', 'source'],
    ['source', 'End', 'evaluate'],
    ['source', 'ArrowLeft', undefined],
    ['c1', 'ArrowDown', undefined],
    ['c1', 'x', undefined],
    ['gone', 'ArrowRight', undefined],
  ])('lead from %s by %s to %s', (id, key, expected) => {
    expect(neighbour(layout, id, key, 'right')).toBe(expected);
  });

  it('are turned where the graph goes down', () => {
    expect(neighbour(layered(ids, edges, down), 'c0', 'ArrowRight', 'down')).toBe('c1');
    expect(neighbour(layered(ids, edges, down), 'c0', 'ArrowDown', 'down')).toBe('evaluate');
  });
});
