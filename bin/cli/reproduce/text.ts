import type {
  Check,
  JsonDifference,
  ModelDifference,
  Reproduction,
} from '../../../lib/pipeline/reproduce/index.ts';

const GROUPS = [
  ['conditions', 'conditions'],
  ['data', 'data'],
  ['candidates', 'candidate models'],
  ['model', 'selected model'],
  ['metrics', 'metrics'],
  ['reports', 'reports'],
] as const;

/** What was found, as a person reads it: one line a group that is the same, and each difference by name. */
export function reproductionText(found: Reproduction): string {
  const lines = [`run ${found.runId} of ${found.pipeline}, done again from its data`];
  for (const [group, title] of GROUPS) lines.push(...groupLines(title, found[group]));
  lines.push(...found.definition.map((one) => `  definition ${jsonLine(one)}`));
  if (found.modelDifference) lines.push(...modelLines(found.modelDifference));
  if (found.failure) {
    const { stage, code, message } = found.failure;
    lines.push(`failed     ${stage} could not be done again: ${code}, ${message}`);
  }
  lines.push(verdict(found));
  return lines.join('\n');
}

/** The last line; `identical` is a promise: same bytes, same figures, same conditions. */
function verdict({ identical, sameResults, sameConditions }: Reproduction): string {
  if (identical) return 'identical';
  if (sameResults) return 'the same results, under other conditions (named above)';
  return sameConditions ? 'DIFFERENT, under the same conditions' : 'DIFFERENT; the conditions are others too';
}

function groupLines(title: string, checks: readonly Check[]): string[] {
  const others = checks.filter(({ same }) => !same);
  const count = checks.length - others.length;
  const head = title.padEnd(18);
  if (checks.length === 0) return [`${head}none`];
  if (others.length === 0) return [`${head}${count} the same${facts(title, checks)}`];
  return [
    `${head}${others.length} of ${checks.length} differ`,
    ...others.map(({ key, recorded, again }) => `  ${key}: recorded ${shown(recorded)}, now ${shown(again)}`),
  ];
}

/** Of what is the same, the few figures that a reader wants to see. */
function facts(title: string, checks: readonly Check[]): string {
  const value = (key: string) => checks.find((check) => check.key === key)?.recorded;
  if (title === 'data' && value('train rows') != null) {
    const rows = ['train rows', 'validation rows', 'test rows'].map(value).join(' / ');
    return `: ${value('rows delivered')} rows delivered, ${rows} to train, validate and test`;
  }
  if (title === 'selected model' && value('sha256') != null) {
    return `: ${value('bytes')} bytes, SHA-256 ${value('sha256')}`;
  }
  return '';
}

function modelLines({ recordedBytes, againBytes, firstByte, manifest, sections }: ModelDifference): string[] {
  return [
    `model file         ${recordedBytes} bytes recorded, ${againBytes} now; the first that differs is byte ${firstByte}`,
    ...manifest.map((one) => `  manifest ${jsonLine(one)}`),
    ...sections.map(({ name, recordedLength, againLength, differing, first }) => {
      const lengths =
        recordedLength === againLength
          ? `${recordedLength}`
          : `${recordedLength ?? 0} and ${againLength ?? 0}`;
      return `  section ${name}: ${differing} of ${lengths} entries differ, the first at ${first.index}: recorded ${shown(first.recorded)}, now ${shown(first.again)}`;
    }),
  ];
}

const jsonLine = ({ path, recorded, again }: JsonDifference): string =>
  `${path || '(all)'}: recorded ${shown(recorded)}, now ${shown(again)}`;

const SHOWN = 80;
function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
