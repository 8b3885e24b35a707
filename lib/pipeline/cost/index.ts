export { type CostEstimate, type CostLine, estimateCost, type Usage } from './estimate.ts';
export { PRICES } from './prices.ts';
export { dynamoOf, type RunFiles, s3Of } from './stores.ts';
export { callsOf, type FunctionCall, transitionsOf } from './usage.ts';
