/** How a node is parted. */
export interface Split {
  feature: number;
  gain: number;
  /** By code: true where a row goes left. */
  goesLeft: readonly boolean[];
  /** The last value bin on the left; of categories it means nothing. */
  code: number;
  /** True where some row lacks the value, so that its side was learned. */
  missingLearned: boolean;
}
