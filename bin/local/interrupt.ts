/** Resolves at the first Ctrl-C, SIGTERM or hang-up: how a server is asked to end, and no failure. */
export function interrupted(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve(name));
  });
}
