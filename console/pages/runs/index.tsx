import { type Page, page } from '../../app/pages.ts';
import { Runs } from './runs.tsx';

export const pages: readonly Page[] = [
  page({ view: 'runs', title: () => 'Runs', nav: 'Runs', component: Runs }),
];
