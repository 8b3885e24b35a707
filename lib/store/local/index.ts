export { LocalItemStore } from './items.ts';
export { LocalObjectStore } from './objects.ts';
