import { type Page, page } from '../../app/pages.ts';
import { ModelsPage } from './list.tsx';
import { ModelPage } from './model.tsx';

export const pages: readonly Page[] = [
  page({ view: 'models', title: () => 'Models', nav: 'Models', component: ModelsPage }),
  page({ view: 'model', title: ({ name }) => name, component: ModelPage }),
];
