import { type Page, page } from '../../app/pages.ts';
import { modelView } from '../../legacy/model.ts';
import { modelsView } from '../../legacy/models.ts';
import { Mounted } from '../../legacy/mounted.tsx';

export const pages: readonly Page[] = [
  page({
    view: 'models',
    title: () => 'Models',
    nav: 'Models',
    needs: 'public',
    component: () => <Mounted of="models" make={modelsView} />,
  }),
  page({
    view: 'model',
    title: ({ name }) => name,
    needs: 'public',
    component: ({ place: { name, version } }) => (
      <Mounted of={`${name} ${version}`} make={(context) => modelView(context, name, version)} />
    ),
  }),
];
