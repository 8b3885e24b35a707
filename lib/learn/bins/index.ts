export { type BinOptions, binFeatures } from './bin-features.ts';
export { type Bins, MAX_CATEGORIES, MAX_CODES } from './bins.ts';
export { canonicalOrder } from './canonical.ts';
export { BINS_KERNEL } from './on-kernel.ts';
