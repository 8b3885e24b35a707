import { type Page, page } from '../../app/pages.ts';
import { Compare } from './compare.tsx';

export const pages: readonly Page[] = [
  page({ view: 'compare', title: () => 'Compare runs', component: Compare }),
];
