/** Filters to learn the grammar from, with what each means. A test holds every one to the parser. */
export const EXAMPLES: readonly [filter: string, meaning: string][] = [
  ['forest', 'runs whose name holds the word'],
  ['metrics.f1_weighted > 0.8', 'by a metric: > >= = != < <='],
  ["params.algorithm = 'random-forest'", 'by a parameter; values are texts, in quotes'],
  ["tags.`data.synthetic` = 'false'", 'by a tag; a name with a dot or a space stands in backticks'],
  ["attributes.status = 'FAILED'", 'RUNNING, SCHEDULED, FINISHED, FAILED or KILLED'],
  ["attributes.run_name ILIKE '%forest%'", '% stands for anything; ILIKE takes small letters for capitals'],
  ['attributes.start_time > 1767225600000', 'by the time it started, in milliseconds since 1970'],
  ['tags.team IS NOT NULL', 'whether it has a tag or a parameter at all'],
  ["metrics.rmse < 20 AND tags.team = 'a'", 'several at once; there is no OR'],
];
