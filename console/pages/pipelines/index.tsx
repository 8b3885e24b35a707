import { type Page, page } from '../../app/pages.ts';
import { Pipeline } from './pipeline.tsx';
import { Pipelines } from './pipelines.tsx';

export const pages: readonly Page[] = [
  page({ view: 'pipelines', title: () => 'Pipelines', nav: 'Pipelines', component: Pipelines }),
  page({ view: 'pipeline', title: ({ name }) => name, component: Pipeline }),
];
