import type { Command } from 'commander';
import { contextOf } from '../context.ts';
import type { Downloaded } from '../download.ts';
import { figure, table } from '../output.ts';
import { chosen, downloadFile, filesOf } from '../run-files.ts';

interface DownloadOptions {
  out: string;
  list?: boolean;
}

/** download: the files of a run, its batches and models among them. */
export function addDownloadCommand(program: Command): void {
  program
    .command('download')
    .description('the files of a run and of its child runs: batches, models, reports')
    .argument('<run>')
    .argument('[path]', 'a file, or a folder such as data/batches; all files where absent')
    .option('--out <dir>', 'the folder to write into', '.')
    .option('--list', 'say what there is, download nothing')
    .action(
      async (
        runId: string,
        wanted: string | undefined,
        { out: folder, list }: DownloadOptions,
        self: Command,
      ) => {
        const { out, client } = contextOf(self);
        const api = await client();
        const files = chosen(await filesOf(api, runId), wanted);
        if (list) {
          const listed = files.map(({ key: _, ...file }) => file);
          return out.result({ files: listed }, () =>
            table(
              ['file', 'bytes', 'type'],
              files.map(({ to, size, contentType }) => [to, figure(size), contentType]),
            ),
          );
        }
        const written: Downloaded[] = [];
        for (const file of files) {
          const done = await downloadFile(api, file, folder);
          out.note(done.written ? done.file : `${done.file} is there already`);
          written.push(done);
        }
        out.result(
          { files: written },
          () => `${written.length} file${written.length === 1 ? '' : 's'} in ${folder}`,
        );
      },
    );
}
