import { type Page, page } from '../../app/pages.ts';
import { RunPage } from './run.tsx';

export const pages: readonly Page[] = [
  page({ view: 'run', title: ({ id }) => `Run ${id.slice(0, 8)}`, component: RunPage }),
];
