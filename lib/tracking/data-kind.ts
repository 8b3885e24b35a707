/** Whether a run's rows are real, made up, or not known yet: a run that failed early has not said. */
export function dataKind(tags: Readonly<Record<string, string>>): 'real' | 'synthetic' | undefined {
  const value = tags['data.synthetic'];
  return value === undefined ? undefined : value === 'true' ? 'synthetic' : 'real';
}
