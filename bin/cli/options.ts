import { InvalidArgumentError, Option } from 'commander';

/** `--port`: of the emulator, on 127.0.0.1. */
export const portOption = (): Option =>
  new Option(
    '--port <number>',
    'port of the emulator on 127.0.0.1 (default: 4566, or the one it had)',
  ).argParser((text) => {
    const port = Number(text);
    if (!Number.isInteger(port) || port < 1 || port > 65535)
      throw new InvalidArgumentError('a port is 1 to 65535');
    return port;
  });

/** A whole number of at least `minimum`. */
export const wholeNumber =
  (minimum = 0) =>
  (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < minimum)
      throw new InvalidArgumentError(`a whole number of at least ${minimum}`);
    return value;
  };

/** `a,b` as a list, blanks around the names cut; a backslash keeps a comma that is part of a name. */
export const nameList = (text: string): string[] =>
  text
    .split(/(?<!\\),/)
    .map((name) => name.replace(/\\,/g, ',').trim())
    .filter((name) => name !== '');
