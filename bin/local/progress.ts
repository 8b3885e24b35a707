/** Says what is going on, with the seconds since the start, on stderr: stdout stays for results. */
export type Progress = (message: string) => void;

/**
 * Progress lines such as `[  3.2 s] deploying arboleda-dev ...`.
 *
 * @example
 * const say = progressLines();
 * say('starting the emulator');
 */
export function progressLines(
  write: (text: string) => void = (text) => process.stderr.write(text),
  now: () => number = () => performance.now(),
): Progress {
  const start = now();
  return (message) => {
    const seconds = ((now() - start) / 1000).toFixed(1).padStart(5);
    for (const line of message.split('\n')) write(`[${seconds} s] ${line}\n`);
  };
}
