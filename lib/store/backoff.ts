/** A pause that grows with the number of tries, with full jitter: at most `most` milliseconds. */
export function backoff(attempt: number, most = 2_000): Promise<void> {
  const milliseconds = Math.random() * Math.min(25 * 2 ** attempt, most);
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
