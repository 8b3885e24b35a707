import type { ObjectStore } from '../store/ports.ts';
import { STAGES, type Stage } from '../tracking/types.ts';

/** One line that a stage wrote, with where it came from. */
export interface RunLogLine {
  stage: Stage;
  /** The Map item. */
  item?: string;
  attempt: number;
  time?: string;
  level?: string;
  message: string;
  [fact: string]: unknown;
}

/** Bytes of log text read for one answer: well below what an answer may hold. */
const MAX_LOG_BYTES = 2 * 1024 * 1024;
/** Log objects looked at: 100 candidates of a few attempts. */
const MAX_FILES = 1_000;

const FILE = /^([a-z]+)(?:-([A-Za-z0-9_]+))?-(\d+)\.jsonl$/;

interface LogFile {
  key: string;
  stage: Stage;
  item?: string;
  attempt: number;
  size: number;
}

/**
 * The stored log of a run: `ws/runs/RUN/logs/STAGE[-ITEM]-ATTEMPT.jsonl`, by attempt, stage and item. Where all do not fit,
 * the newest files are kept and `truncated` is true.
 */
export async function readRunLogs(
  objects: Pick<ObjectStore, 'list' | 'get'>,
  workspace: string,
  runId: string,
  stage?: Stage,
): Promise<{ lines: RunLogLine[]; truncated: boolean }> {
  const files = await listFiles(objects, `${workspace}/runs/${runId}/logs/`, stage);
  const kept: LogFile[] = [];
  let bytes = 0;
  for (const file of files.toReversed()) {
    if (bytes + file.size > MAX_LOG_BYTES) break;
    bytes += file.size;
    kept.unshift(file);
  }
  const texts = await Promise.all(kept.map(async (file) => linesOf(file, await objects.get(file.key))));
  return { lines: texts.flat(), truncated: kept.length < files.length };
}

async function listFiles(
  objects: Pick<ObjectStore, 'list'>,
  prefix: string,
  stage?: Stage,
): Promise<LogFile[]> {
  const files: LogFile[] = [];
  let cursor: string | undefined;
  do {
    const page = await objects.list(prefix, cursor === undefined ? {} : { cursor });
    for (const object of page.objects) {
      const file = parseName(object.key, prefix, object.size);
      if (file !== undefined && (stage === undefined || file.stage === stage)) files.push(file);
    }
    cursor = page.cursor;
  } while (cursor !== undefined && files.length < MAX_FILES);
  return files.sort(order);
}

function parseName(key: string, prefix: string, size: number): LogFile | undefined {
  const [, stage, item, attempt] = FILE.exec(key.slice(prefix.length)) ?? [];
  if (!STAGES.includes(stage as Stage) || attempt === undefined) return undefined;
  return {
    key,
    stage: stage as Stage,
    attempt: Number(attempt),
    size,
    ...(item === undefined ? {} : { item }),
  };
}

function order(a: LogFile, b: LogFile): number {
  return (
    a.attempt - b.attempt ||
    STAGES.indexOf(a.stage) - STAGES.indexOf(b.stage) ||
    (a.item ?? '').localeCompare(b.item ?? '', 'en', { numeric: true })
  );
}

function linesOf(file: LogFile, bytes: Uint8Array): RunLogLine[] {
  const { stage, item, attempt } = file;
  const origin = { stage, attempt, ...(item === undefined ? {} : { item }) };
  const text = Buffer.from(bytes).toString('utf8');
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ ...parseLine(line), ...origin }));
}

/** A stage that was killed may have left half a line: it is shown as it is. */
function parseLine(line: string): { message: string } {
  try {
    const value = JSON.parse(line) as { message?: unknown } | null;
    if (typeof value === 'object' && value !== null)
      return { ...value, message: String(value.message ?? '') };
  } catch {
    // Not JSON: below.
  }
  return { message: line };
}
