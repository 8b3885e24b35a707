import type { Artifact } from '../../../lib/tracking/types.ts';
import { useApi } from '../../app/session.ts';
import { path } from '../../lib/api.ts';
import { bytes, isOpen } from '../../lib/format.ts';
import { Button, type Column, Empty, Table } from '../../parts/index.ts';
import type { Detail } from './types.ts';

/** The run's files, each to be downloaded. */
export function Files({ run }: { run: Detail }) {
  const api = useApi();
  const download = async (file: string) => {
    // A script may not read where a redirection leads, so the address is asked for, and then followed by a plain link.
    const at = path`/runs/${run.runId}/artifacts/` + file.split('/').map(encodeURIComponent).join('/');
    const { url } = await api.get<{ url: string }>(at, { redirect: 'false' });
    if (!/^https?:/.test(url)) throw new Error('the API gave no address of the file');
    const link = document.createElement('a');
    Object.assign(link, { href: url, rel: 'noreferrer', download: '' });
    link.click();
  };
  const columns: Column<Artifact>[] = [
    {
      id: 'path',
      title: 'File',
      cell: ({ path: name }) => (
        <Button kind="link" class="file-link" busyText="Asking for it" onClick={() => download(name)}>
          {name}
        </Button>
      ),
    },
    { id: 'type', title: 'Type', cell: ({ contentType }) => <span class="quiet">{contentType}</span> },
    { id: 'size', title: 'Size', numeric: true, cell: ({ size }) => bytes(size) },
  ];
  const sum = run.artifacts.reduce((all, { size }) => all + size, 0);
  return (
    <>
      <Table
        caption="Files of this run"
        columns={columns}
        rows={[...run.artifacts].sort((a, b) => (a.path < b.path ? -1 : 1))}
        rowKey={({ path: name }) => name}
        empty={<Empty title={isOpen(run) ? 'No files yet' : 'This run has no files'} />}
      />
      {run.artifacts.length === 0 ? null : (
        <p class="quiet">
          {run.artifacts.length} files, {bytes(sum)}
        </p>
      )}
    </>
  );
}
