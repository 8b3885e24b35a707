import { type Page, page } from '../../app/pages.ts';
import { TryPage } from './try.tsx';

export const pages: readonly Page[] = [
  page({
    view: 'try',
    title: ({ model }) => (model === undefined ? 'Try it' : `Try ${model}`),
    nav: 'Try it',
    // A predictor reads nothing else, and a viewer sees what he would send.
    needs: 'token',
    component: TryPage,
  }),
];
