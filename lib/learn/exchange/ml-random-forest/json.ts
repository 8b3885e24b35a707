import * as z from 'zod';

/** A node as ml-cart writes it: a leaf where it has a distribution, as the library's own `load` takes it. */
export interface CartNode {
  distribution?: number | number[][];
  splitColumn?: number;
  splitValue?: number;
  numberSamples?: number;
  left?: CartNode;
  right?: CartNode;
}

/** What `RandomForestClassifier.toJSON` and `RandomForestRegression.toJSON` of ml-random-forest 2 give. */
export interface ForestJson {
  name: 'RFClassifier' | 'RFRegression';
  selectionMethod?: string;
  baseModel: {
    /** The columns of the table that each tree was given, in the tree's order. */
    indexes: number[][];
    estimators: { name: string; options: object; root: CartNode }[];
    [other: string]: unknown;
  };
  [other: string]: unknown;
}

const column = z.int().min(0).max(65_535);

/** All but the nodes, which are checked as they are walked: they may be as deep as there are rows. */
export const forestJsonSchema = z.looseObject({
  name: z.enum(['RFClassifier', 'RFRegression']),
  selectionMethod: z.string().optional(),
  baseModel: z.looseObject({
    indexes: z.array(z.array(column)).min(1).max(100_000),
    estimators: z.array(
      z.looseObject({ root: z.custom<CartNode>((value) => typeof value === 'object' && value !== null) }),
    ),
  }),
});
