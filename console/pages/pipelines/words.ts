/** What schedules, collectors and stages say in a sentence. Pure, so that tests need no page. */

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const SHORT = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** The common schedules as a person says them, in UTC; another one as it is written. */
export function scheduleWords(expression: string): string {
  const rate = /^rate\((.+)\)$/.exec(expression);
  if (rate !== null) return `every ${rate[1]!.replace(/^1 /, '')}`;
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  const [minute = '', hour = '', day, month, weekday = '', year] = fields;
  if (fields.length !== 6 || month !== '*' || year !== '*') return expression;
  const every = /^(?:\*|0)\/(\d+)$/.exec(minute);
  const anyDay = (day === '*' && weekday === '?') || (day === '?' && weekday === '*');
  if (anyDay && hour === '*' && every !== null) return `every ${every[1]} minutes`;
  if (!/^\d+$/.test(minute)) return expression;
  if (anyDay && hour === '*') return `every hour, ${minute} minutes past`;
  if (!/^\d+$/.test(hour)) return expression;
  const time = `at ${hour.padStart(2, '0')}:${minute.padStart(2, '0')} UTC`;
  if (anyDay) return `every day ${time}`;
  if (day === '?' && (weekday === 'MON-FRI' || weekday === '2-6')) return `Monday to Friday ${time}`;
  const name = WEEKDAYS[/^[1-7]$/.test(weekday) ? Number(weekday) - 1 : SHORT.indexOf(weekday)];
  if (day === '?' && name !== undefined) return `every ${name} ${time}`;
  return expression;
}

/** How long until a time: `in 3 h 20 min`; `now` where it has come. */
export function until(iso: string, now: number): string {
  const seconds = Math.round((Date.parse(iso) - now) / 1000);
  if (Number.isNaN(seconds)) return iso;
  if (seconds <= 0) return 'now';
  if (seconds < 60) return `in ${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `in ${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `in ${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return `in ${days} d ${hours % 24} h`;
}

/** After so long a poll that is due did not come: the rule of the collector does not fire. */
const OVERDUE_MS = 3 * 60_000;

/** When the source is asked next, and whether something is wrong with that. */
export function pollWords(
  { nextPoll, noNextPoll }: { nextPoll?: string; noNextPoll?: string },
  now: number,
): { text: string; isLate: boolean } {
  if (nextPoll === undefined) return { text: noNextPoll ?? 'not known', isLate: false };
  const late = now - Date.parse(nextPoll);
  if (late > OVERDUE_MS) {
    return {
      text: `due for ${Math.floor(late / 60_000)} min: the collector's rule does not fire`,
      isLate: true,
    };
  }
  return { text: late >= 0 ? 'due now' : until(nextPoll, now), isLate: false };
}

/** `every 5 minutes`, from seconds. */
export function everyWords(seconds: number): string {
  const of = (count: number, unit: string) => `every ${count === 1 ? unit : `${count} ${unit}s`}`;
  if (seconds % 3600 === 0) return of(seconds / 3600, 'hour');
  if (seconds % 60 === 0) return of(seconds / 60, 'minute');
  return of(seconds, 'second');
}

/** The rules of a definition by which its model is watched; see docs/monitoring.md. */
export interface WatchRules {
  retrain?: { window: number };
  alert?: {
    rule: string;
    metric: string;
    threshold: number;
    minLabels: number;
    over: number;
    retrain?: { window: number };
  };
}

/** Each rule as a sentence: what starts a run, and what raises an alarm. */
export function watchWords({ retrain, alert }: WatchRules): string[] {
  const words: string[] = [];
  if (retrain !== undefined)
    words.push(`trains when its rows drift, once in ${lengthWords(retrain.window)} at most`);
  if (alert !== undefined) {
    const { rule, metric, threshold, minLabels, over } = alert;
    const side = rule === 'when-below' ? 'below' : 'above';
    const bound = threshold.toLocaleString('en-US');
    const also = alert.retrain === undefined ? '' : ', and trains';
    words.push(
      `alarm where ${metric} is ${side} ${bound} on ${minLabels} labels of ${lengthWords(over)}${also}`,
    );
  }
  return words;
}

/** `7 days`, from seconds. */
function lengthWords(seconds: number): string {
  const [count, unit] = seconds % 86_400 === 0 ? [seconds / 86_400, 'day'] : [seconds / 3600, 'hour'];
  return `${Number(count.toFixed(1))} ${unit}${count === 1 ? '' : 's'}`;
}

/** `ingest: 13 columns` as a node's title and what stands below it. */
export function nodeWords(label: string): { title: string; detail: string } {
  const at = label.indexOf(': ');
  return at < 0 ? { title: label, detail: '' } : { title: label.slice(0, at), detail: label.slice(at + 2) };
}

/** What one outcome of a poll means. */
export const OUTCOMES: Record<string, string> = {
  stored: 'stored a new subset',
  known: 'this batch was stored already',
  late: 'came after its pass was over',
  exhausted: 'the source has no more data',
  idle: 'not asked',
  forbidden: 'the address is never called',
};
