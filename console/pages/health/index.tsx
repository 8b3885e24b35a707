import { type Page, page } from '../../app/pages.ts';
import { Health } from './health.tsx';

export const pages: readonly Page[] = [
  page({
    view: 'health',
    title: ({ model }) => (model === undefined ? 'Health' : `Health of ${model}`),
    nav: 'Health',
    component: Health,
  }),
];
