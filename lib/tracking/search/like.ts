/**
 * SQL's LIKE over the whole text: `%` stands for any text, `_` for any one character, and nothing escapes them.
 * No regular expression: with many `%` one may take longer than the function lives. Here a `%` is given more of the text
 * only where what follows it did not fit, and never taken back, so the work is at most length times length.
 */
export function like(text: string, pattern: string): boolean {
  const [chars, wanted] = [[...text], [...pattern]];
  let [at, place] = [0, 0];
  let star = -1;
  let covered = 0;
  while (at < chars.length) {
    if (wanted[place] === '%') {
      star = place;
      covered = at;
      place += 1;
    } else if (place < wanted.length && (wanted[place] === '_' || wanted[place] === chars[at])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      covered += 1;
      at = covered;
      place = star + 1;
    } else return false;
  }
  while (wanted[place] === '%') place += 1;
  return place === wanted.length;
}

/** The same, upper and lower case alike. */
export const ilike = (text: string, pattern: string): boolean =>
  like(text.toLowerCase(), pattern.toLowerCase());
