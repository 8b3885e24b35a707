import { modelSections } from '../../learn/index.ts';
import { type JsonDifference, jsonDifferences } from './json-differences.ts';

/** Where two model files differ. */
export interface ModelDifference {
  /** Bytes of each file. */
  recordedBytes: number;
  againBytes: number;
  /** The first byte that differs, from 0; the shorter file's length where it is the beginning of the longer. */
  firstByte: number;
  /** Fields of the manifest, without the list of sections. */
  manifest: JsonDifference[];
  sections: SectionDifference[];
}

export interface SectionDifference {
  name: string;
  /** Entries of each file's section; null where it has no such section. */
  recordedLength: number | null;
  againLength: number | null;
  /** How many entries differ, those that only one side has among them. */
  differing: number;
  /** The first of them. */
  first: { index: number; recorded: number | null; again: number | null };
}

/**
 * What differs between two model files, field by field and section by section; undefined where they are equal byte by
 * byte.
 *
 * @throws IntegrityError where a file that differs is no sound model file
 */
export function modelDifference(recorded: Uint8Array, again: Uint8Array): ModelDifference | undefined {
  const firstByte = firstDifference(recorded, again);
  if (firstByte === undefined) return undefined;
  const [a, b] = [modelSections(recorded), modelSections(again)];
  const names = [...new Set([...Object.keys(a.sections), ...Object.keys(b.sections)])];
  return {
    recordedBytes: recorded.byteLength,
    againBytes: again.byteLength,
    firstByte,
    manifest: jsonDifferences(withoutSections(a.manifest), withoutSections(b.manifest)),
    sections: names.flatMap((name) => sectionDifference(name, a.sections[name], b.sections[name]) ?? []),
  };
}

const withoutSections = ({ sections: _, ...rest }: Record<string, unknown>) => rest;

function sectionDifference(
  name: string,
  a: ArrayLike<number> | undefined,
  b: ArrayLike<number> | undefined,
): SectionDifference | undefined {
  let differing = 0;
  let first: SectionDifference['first'] | undefined;
  for (let i = 0; i < Math.max(a?.length ?? 0, b?.length ?? 0); i++) {
    if (Object.is(a?.[i], b?.[i])) continue;
    differing++;
    first ??= { index: i, recorded: a?.[i] ?? null, again: b?.[i] ?? null };
  }
  if (first === undefined) return undefined;
  return { name, recordedLength: a?.length ?? null, againLength: b?.length ?? null, differing, first };
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const shorter = Math.min(a.byteLength, b.byteLength);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return a.byteLength === b.byteLength ? undefined : shorter;
}
