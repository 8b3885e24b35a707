import { type Page, page } from '../../app/pages.ts';
import { Mounted } from '../../legacy/mounted.tsx';
import { runView } from '../../legacy/run.ts';

export const pages: readonly Page[] = [
  page({
    view: 'run',
    title: ({ id }) => `Run ${id.slice(0, 8)}`,
    component: ({ place: { id } }) => <Mounted of={id} make={(context) => runView(context, id)} />,
  }),
];
