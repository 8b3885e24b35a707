import type { Definition, State } from './asl.ts';

/**
 * The state machine as a Mermaid flow chart, from the same definition that is deployed. Failures are dotted.
 *
 * @example mermaid(pipelineDefinition(options)) // 'flowchart TD\n  start([start]) --> Plan\n ...'
 */
export function mermaid(definition: Definition): string {
  const lines = ['flowchart TD', `  start([start]) --> ${idOf(definition.StartAt)}`];
  for (const [name, state] of Object.entries(definition.States)) lines.push(...drawState(name, state));
  return `${lines.join('\n')}\n`;
}

const idOf = (name: string) => name.replaceAll(/\W+/g, '_');

function drawState(name: string, state: State): string[] {
  const id = idOf(name);
  const to = (next: string, arrow = '-->') => `  ${id} ${arrow} ${idOf(next)}`;
  switch (state.Type) {
    case 'Choice':
      return [
        `  ${id}{"${name}"}`,
        ...state.Choices.map((choice) => to(choice.Next, '-->|yes|')),
        to(state.Default, '-->|no|'),
      ];
    case 'Succeed':
    case 'Fail':
      return [`  ${id}(["${name}"])`];
    case 'Pass':
      return [`  ${id}["${name}"]`, to(state.Next)];
    case 'Map':
      return [
        `  ${id}[["${name}: each of ${state.ItemsPath ?? 'the list in S3'}, ${state.MaxConcurrency} at once"]]`,
        ...caught(id, state.Catch),
        to(state.Next),
      ];
    case 'Task':
      return [
        `  ${id}["${name}"]`,
        ...caught(id, state.Catch),
        ...(state.Next === undefined ? [] : [to(state.Next)]),
      ];
  }
}

function caught(id: string, catchers: { Next: string }[] | undefined): string[] {
  return (catchers ?? []).map((catcher) => `  ${id} -.-> ${idOf(catcher.Next)}`);
}
