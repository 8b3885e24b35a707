/** The part of a stream that a progress line needs. */
export interface ProgressStream {
  isTTY?: boolean | undefined;
  write(text: string): unknown;
}

export interface ProgressLine {
  /** Draws the line anew. `share` is 0 to 1. */
  show(what: string, share: number): void;
  /** Takes the line away, so that other text may follow. */
  clear(): void;
}

const WIDTH = 30;

/** One line that is redrawn in place on a terminal; silent anywhere else, where it would fill a log. */
export function progressLine(stream: ProgressStream | undefined): ProgressLine {
  let shown = '';
  const draw = (text: string) => {
    if (text === shown) return;
    stream!.write(`\r\u001b[2K${text}`);
    shown = text;
  };
  if (!stream?.isTTY) return { show: () => undefined, clear: () => undefined };
  return {
    show(what, share) {
      const part = Math.max(0, Math.min(1, share));
      const full = Math.round(part * WIDTH);
      const percent = String(Math.floor(100 * part)).padStart(3);
      draw(`${what} [${'='.repeat(full)}${' '.repeat(WIDTH - full)}] ${percent} %`);
    },
    clear: () => draw(''),
  };
}
