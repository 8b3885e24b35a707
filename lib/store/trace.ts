/** One call to AWS as the integration tests read it, to compare with the function's role. */
export interface TracedCall {
  service: string;
  operation: string;
  resource: string;
  /** The actions that a transaction asks permission for, which are not its own name. */
  actions?: string[];
}

/** As much of an SDK client as tracing touches. */
interface Traceable {
  middlewareStack: {
    // biome-ignore lint/suspicious/noExplicitAny: every client has its own input and output types here.
    add(middleware: any, options: { step: 'initialize'; name: string }): void;
  };
}

interface Context {
  clientName?: string;
  commandName?: string;
}

const TRANSACT_ACTIONS = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
};

/** What an input is about: the name or ARN of table, index, object, machine, execution, bus or secret. */
function resourceOf(input: Record<string, unknown>): string {
  const text = (name: string): string | undefined => input[name] as string | undefined;
  if (text('Bucket')) return [text('Bucket'), text('Key') ?? text('Prefix')].filter(Boolean).join('/');
  if (text('TableName')) return [text('TableName'), text('IndexName')].filter(Boolean).join('/index/');
  if (input.RequestItems) return Object.keys(input.RequestItems as object).join(',');
  if (input.TransactItems)
    return [...new Set(operationsOf(input).map(([, operation]) => operation.TableName))].join(',');
  if (input.Entries) return String((input.Entries as { EventBusName?: string }[])[0]?.EventBusName ?? '');
  return text('stateMachineArn') ?? text('executionArn') ?? text('SecretId') ?? '';
}

function operationsOf(input: Record<string, unknown>): [string, { TableName: string }][] {
  return (input.TransactItems as Record<string, { TableName: string }>[]).flatMap((item) =>
    Object.entries(item),
  );
}

/** One record of a call, and of a removal of many objects one each: a role is asked about each of them. */
function recordsOf(context: Context, input: Record<string, unknown>): TracedCall[] {
  const removed = (input.Delete as { Objects?: { Key?: string }[] } | undefined)?.Objects;
  if (!removed) return [describeCall(context, input)];
  return removed.map(({ Key }) => describeCall(context, { Bucket: input.Bucket, Key }));
}

/** A call as one record; no value of any item is in it. */
export function describeCall(context: Context, input: Record<string, unknown>): TracedCall {
  const service = (context.clientName ?? '').replace(/Client$/, '');
  const operation = (context.commandName ?? '').replace(/Command$/, '');
  const names = input.TransactItems
    ? operationsOf(input).map(([kind]) => TRANSACT_ACTIONS[kind as keyof typeof TRANSACT_ACTIONS] ?? kind)
    : [];
  return {
    service,
    operation,
    resource: resourceOf(input),
    ...(names.length > 0 && { actions: [...new Set(names)].sort() }),
  };
}

/** Makes a client write each of its calls as one JSON line, `{"aws":{"service","operation","resource"}}`. */
export function traceCalls<T extends Traceable>(client: T, write: (line: string) => void): T {
  const middleware =
    (next: (args: { input: Record<string, unknown> }) => Promise<unknown>, context: Context) =>
    (args: { input: Record<string, unknown> }) => {
      for (const aws of recordsOf(context, args.input)) write(JSON.stringify({ aws }));
      return next(args);
    };
  client.middlewareStack.add(middleware, { step: 'initialize', name: 'arboledaTrace' });
  return client;
}
