/** How a node is parted. */
export interface Split {
  feature: number;
  gain: number;
  /** By code: true where a row goes left. */
  goesLeft: readonly boolean[];
  /** The greatest value that goes left; of categories it means nothing. */
  threshold: number;
  /** Where rows without a value go, if the node has some. */
  missingLeft: boolean | undefined;
}
