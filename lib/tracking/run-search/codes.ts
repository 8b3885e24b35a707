import { orderedFloat } from '../numbers.ts';

/** 64 characters in the order of their bytes: six bits each, where hex has four, in a key that is stored a million times. */
const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
/** Sorts after every character of a code. */
export const AFTER = '~';

const RUN = 22;
export const TIME_LENGTH = 8;
const FLOAT = 11;
/** A run's time and id, at the end of every sort key of the index. */
export const TAIL = TIME_LENGTH + RUN;
const LATEST = 2n ** 48n - 1n;

function encode(value: bigint, length: number): string {
  let text = '';
  for (let left = value; text.length < length; left >>= 6n) text = ALPHABET[Number(left & 63n)] + text;
  return text;
}

function decode(text: string): bigint {
  let value = 0n;
  for (const char of text) value = (value << 6n) | BigInt(ALPHABET.indexOf(char));
  return value;
}

/** 22 characters in the order of the ids. */
export const runCode = (runId: string): string => encode(BigInt(`0x${runId}`), RUN);
export const runOf = (code: string): string => decode(code).toString(16).padStart(32, '0');

/** 8 characters: the later, the smaller, so that text order is newest first. Times before 1970 are as 1970. */
export function timeCode(milliseconds: number): string {
  const time = BigInt(Math.max(0, Math.trunc(milliseconds)));
  return encode(LATEST - (time > LATEST ? LATEST : time), TIME_LENGTH);
}
export const timeOf = (code: string): number => Number(LATEST - decode(code));

/** 11 characters in the order of the numbers; NaN last, -0 as 0. */
export const floatCode = (value: number): string => encode(BigInt(`0x${orderedFloat(value)}`), FLOAT);

export function floatOf(code: string): number {
  const ordered = decode(code);
  const bits = ordered >> 63n === 1n ? ordered & ~(1n << 63n) : ~ordered & 0xffff_ffff_ffff_ffffn;
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

/** Of a text so many bytes are in the index, and an order goes by them: a sort key has 1,024 at most. */
const MAX_TEXT = 900;

/** The beginning of a text that fits a key, and whether it is all of it. */
export function cutText(value: string): { text: string; whole: boolean } {
  const clean = value.toWellFormed();
  if (Buffer.byteLength(clean) <= MAX_TEXT) return { text: clean, whole: true };
  let [text, bytes] = ['', 0];
  for (const char of clean) {
    bytes += Buffer.byteLength(char);
    if (bytes > MAX_TEXT) break;
    text += char;
  }
  return { text, whole: false };
}

/** Whether a text of the index may be the beginning of a longer one: a cut one has lost a character of 4 bytes at most. */
export const mayBeCut = (text: string): boolean =>
  text.length > 200 && Buffer.byteLength(text) > MAX_TEXT - 4;

/** Between a text and what follows it in a key: smaller than what may be in a text, but for controls. */
export const SEPARATOR = '\u0001';
