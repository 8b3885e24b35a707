import type { Page } from '../app/pages.ts';
import { pages as compare } from './compare/index.tsx';
import { pages as health } from './health/index.tsx';
import { pages as models } from './models/index.tsx';
import { pages as pipelines } from './pipelines/index.tsx';
import { pages as run } from './run/index.tsx';
import { pages as runs } from './runs/index.tsx';
import { pages as tryIt } from './try/index.tsx';

/** Every page, in the order of the navigation. Each folder says in its index.ts what it brings. */
export const pages: readonly Page[] = [
  ...runs,
  ...run,
  ...compare,
  ...pipelines,
  ...models,
  ...tryIt,
  ...health,
];
