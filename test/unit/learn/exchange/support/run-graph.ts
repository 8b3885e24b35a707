import {
  elementTypes,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
} from '../../../../../lib/learn/exchange/onnx/schema.ts';

/** A matrix of numbers or texts, row-major; a list is a matrix of one column. */
type Value = { rows: number; width: number; cells: (number | string)[] };

/**
 * Runs a graph as the specification of ONNX describes its operators, one by one and without regard to speed: a reader of
 * exported files that shares no line with the one that imports them. Float32 where the graph's values are float32.
 */
export function runGraph({ graph }: OnnxModel, rows: readonly (readonly number[])[]): Record<string, Value> {
  const values = new Map<string, Value>();
  for (const tensor of graph!.initializers) values.set(tensor.name, constant(tensor));
  const cells = rows.flat().map(Math.fround);
  values.set(graph!.inputs[0]!.name, { rows: rows.length, width: rows[0]!.length, cells });
  for (const node of graph!.nodes) {
    const inputs = node.inputs.map((name) => values.get(name) ?? fail(`nothing makes ${name}`));
    for (const [i, made] of operate(node, inputs).entries()) values.set(node.outputs[i]!, made);
  }
  return Object.fromEntries(graph!.outputs.map(({ name }) => [name, values.get(name) ?? fail(name)]));
}

function constant({ dims, dataType, floatData, int64Data, doubleData, stringData }: OnnxTensor): Value {
  const cells: (number | string)[] =
    dataType === elementTypes.string
      ? stringData
      : dataType === elementTypes.double
        ? doubleData
        : dataType === elementTypes.int64
          ? int64Data
          : floatData;
  const width = dims.length > 1 ? dims[1]! : 1;
  if (dims.reduce((size, dim) => size * dim, 1) !== cells.length) fail(`dims ${dims} of ${cells.length}`);
  return { rows: cells.length / width, width, cells };
}

function operate(node: OnnxNode, inputs: Value[]): Value[] {
  const [a, b] = inputs;
  const number = (v: Value, i: number, j: number) => v.cells[i * v.width + j] as number;
  const int = (name: string) => node.attributes.find((one) => one.name === name)?.int;
  const numbers = a!.cells as number[];
  switch (node.opType) {
    case 'Cast':
      return [
        {
          ...a!,
          cells: int('to') === elementTypes.float ? numbers.map((x) => Math.fround(Number(x))) : numbers,
        },
      ];
    case 'Equal':
      return [table(a!.rows, b!.width, (i, j) => Number(number(a!, i, 0) === number(b!, 0, j)))];
    case 'MatMul':
      return [
        table(a!.rows, b!.width, (i, j) =>
          Array.from({ length: a!.width }, (_, k) => number(a!, i, k) * number(b!, k, j)).reduce(
            (x, y) => x + y,
            0,
          ),
        ),
      ];
    case 'Add':
      return [table(a!.rows, a!.width, (i, j) => number(a!, i, j) + number(b!, 0, j))];
    case 'Mul':
      return [table(a!.rows, b!.width, (i, j) => Math.fround(number(a!, i, 0) * number(b!, 0, j)))];
    case 'Softmax':
      return [perRow(a!, softmax)];
    case 'ArgMax':
      return [
        table(a!.rows, 1, (i) => {
          const row = rowOf(a!, i);
          return row.indexOf(Math.max(...row));
        }),
      ];
    case 'Gather':
      if (int('axis') === 1) {
        return [table(a!.rows, b!.cells.length, (i, j) => number(a!, i, b!.cells[j] as number))];
      }
      return [{ rows: b!.rows, width: 1, cells: (b!.cells as number[]).map((k) => a!.cells[k]!) }];
    case 'LinearClassifier':
      return linearClassifier(node, a!);
    case 'TreeEnsembleRegressor':
      return [trees(node, a!)];
    default:
      return concat(node, inputs);
  }
}

function concat(node: OnnxNode, parts: Value[]): Value[] {
  if (node.opType !== 'Concat') fail(node.opType);
  const width = parts.reduce((sum, part) => sum + part.width, 0);
  const cells = Array.from({ length: parts[0]!.rows }, (_, i) =>
    parts.flatMap((part) => rowOf(part, i)),
  ).flat();
  return [{ rows: parts[0]!.rows, width, cells }];
}

function linearClassifier(node: OnnxNode, x: Value): Value[] {
  const of = (name: string) => node.attributes.find((one) => one.name === name)!;
  const labels = of('classlabels_strings').strings;
  const [coefficients, intercepts] = [of('coefficients').floats, of('intercepts').floats];
  const scores = table(x.rows, labels.length, (i, k) =>
    rowOf(x, i).reduce((sum, cell, j) => sum + cell * coefficients[k * x.width + j]!, intercepts[k]!),
  );
  const shares = perRow(scores, softmax);
  const picked = Array.from({ length: x.rows }, (_, i) => {
    const row = rowOf(shares, i);
    return labels[row.indexOf(Math.max(...row))]!;
  });
  return [{ rows: x.rows, width: 1, cells: picked }, shares];
}

/** Every comparison that the exporter writes, and missing values as nodes_missing_value_tracks_true says. */
function trees(node: OnnxNode, x: Value): Value {
  const of = (name: string) => node.attributes.find((one) => one.name === name);
  const ints = (name: string) => of(name)!.ints;
  const targets = of('n_targets')!.int;
  const places = new Map(ints('nodes_treeids').map((tree, i) => [`${tree}/${ints('nodes_nodeids')[i]}`, i]));
  const weights = new Map<string, [number, number][]>();
  for (const [i, tree] of ints('target_treeids').entries()) {
    const key = `${tree}/${ints('target_nodeids')[i]}`;
    const list = weights.get(key) ?? [];
    list.push([ints('target_ids')[i]!, of('target_weights')!.floats[i]!]);
    weights.set(key, list);
  }
  const ids = [...new Set(ints('nodes_treeids'))];
  const modes = of('nodes_modes')!.strings;
  const answer = (row: number[]): number[] => {
    const sums = new Array<number>(targets).fill(0);
    for (const tree of ids) {
      let id = 0;
      for (;;) {
        const at = places.get(`${tree}/${id}`) ?? fail(`no node ${tree}/${id}`);
        if (modes[at] === 'LEAF') break;
        const cell = row[ints('nodes_featureids')[at]!]!;
        const limit = of('nodes_values')!.floats[at]!;
        const missing = Number.isNaN(cell) && ints('nodes_missing_value_tracks_true')[at] === 1;
        const yes = missing || (modes[at] === 'BRANCH_EQ' ? cell === limit : cell <= limit);
        id = ints(yes ? 'nodes_truenodeids' : 'nodes_falsenodeids')[at]!;
      }
      for (const [k, weight] of weights.get(`${tree}/${id}`) ?? fail(`leaf ${id} has no weight`))
        sums[k]! += weight;
    }
    const base = of('base_values')?.floats;
    const divisor = of('aggregate_function')!.string === 'AVERAGE' ? ids.length : 1;
    return sums.map((sum, k) => Math.fround(sum / divisor + (base?.[k] ?? 0)));
  };
  return {
    rows: x.rows,
    width: targets,
    cells: Array.from({ length: x.rows }, (_, i) => answer(rowOf(x, i))).flat(),
  };
}

const rowOf = ({ width, cells }: Value, i: number): number[] =>
  cells.slice(i * width, (i + 1) * width) as number[];

const table = (rows: number, width: number, cell: (i: number, j: number) => number): Value => ({
  rows,
  width,
  cells: Array.from({ length: rows * width }, (_, at) => cell(Math.floor(at / width), at % width)),
});

const perRow = (v: Value, change: (row: number[]) => number[]): Value => ({
  ...v,
  cells: Array.from({ length: v.rows }, (_, i) => change(rowOf(v, i))).flat(),
});

function softmax(row: number[]): number[] {
  const most = Math.max(...row);
  const raised = row.map((score) => Math.exp(score - most));
  const sum = raised.reduce((x, y) => x + y, 0);
  return raised.map((x) => x / sum);
}

function fail(what: string): never {
  throw new Error(`the graph cannot be run: ${what}`);
}
