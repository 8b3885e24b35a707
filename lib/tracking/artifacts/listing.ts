import type { ObjectStore } from '../../store/ports.ts';
import type { ArtifactEntry } from './pipeline-files.ts';

/** A file somewhere under a prefix; its path is what follows it. */
export interface Found {
  key: string;
  path: string;
  size: number;
}

/** What is directly under a prefix that ends in `/`. S3 gives at most 1,000 entries at a time: one page after another. */
export async function folderEntries(
  objects: Pick<ObjectStore, 'folder'>,
  prefix: string,
): Promise<ArtifactEntry[]> {
  const entries: ArtifactEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.folder(prefix, cursor === undefined ? {} : { cursor });
    for (const folder of page.folders)
      entries.push({ name: folder.slice(prefix.length, -1), isFolder: true });
    for (const { key, size } of page.objects) {
      // The object `folder/` itself, as consoles of S3 make it, is no file.
      if (key !== prefix) entries.push({ name: key.slice(prefix.length), isFolder: false, size });
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return entries;
}

/** All files under a prefix that ends in `/`, at any depth; or the first `most`, rounded up to S3's pages. */
export async function filesUnder(
  objects: Pick<ObjectStore, 'list'>,
  prefix: string,
  most: number = Number.POSITIVE_INFINITY,
): Promise<Found[]> {
  const found: Found[] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.list(prefix, cursor === undefined ? {} : { cursor });
    for (const { key, size } of page.objects) {
      if (!key.endsWith('/')) found.push({ key, size, path: key.slice(prefix.length) });
    }
    cursor = page.cursor;
  } while (cursor !== undefined && found.length < most);
  return found;
}
