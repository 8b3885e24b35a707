import { Job } from "./job";

/**
 * One thread (slot 0) leads: it publishes a phase of so many pieces, takes pieces as everyone does, and goes on when
 * all are finished. It never waits for a thread that has claimed nothing, so a helper that starts late, or never, costs
 * nothing. Total and next piece are one word: a helper cannot take a piece of one phase for a piece of another.
 */
@inline const SPINS: i32 = 3000;
@inline const WAIT_NS: i64 = 1_000_000;

/** The next piece, or -1. */
@inline export function claim(job: Job): i32 {
  const seen = atomic.load<i64>(changetype<usize>(job), offsetof<Job>("ticket"));
  if (<i32>seen >= <i32>(seen >> 32)) return -1;
  const mine = atomic.add<i64>(changetype<usize>(job), 1, offsetof<Job>("ticket"));
  return <i32>mine < <i32>(mine >> 32) ? <i32>mine : -1;
}

@inline export function finished(job: Job): void {
  atomic.add<i32>(changetype<usize>(job), 1, offsetof<Job>("done"));
}

export function publish(job: Job, kind: i32, pieces: i32): void {
  job.kind = kind;
  atomic.store<i32>(changetype<usize>(job), 0, offsetof<Job>("done"));
  atomic.store<i64>(changetype<usize>(job), <i64>pieces << 32, offsetof<Job>("ticket"));
  wake(job);
}

export function wake(job: Job): void {
  atomic.add<i32>(changetype<usize>(job), 1, offsetof<Job>("sequence"));
  if (atomic.load<i32>(changetype<usize>(job), offsetof<Job>("sleepers")) > 0) {
    atomic.notify(changetype<usize>(job) + offsetof<Job>("sequence"));
  }
}

/** The leader's: until all pieces are finished. */
export function join(job: Job, pieces: i32): void {
  let spins = 0;
  while (true) {
    const done = atomic.load<i32>(changetype<usize>(job), offsetof<Job>("done"));
    if (done == pieces) return;
    // A helper may have been put aside by the system: leave it the core for a while.
    if (++spins > SPINS) atomic.wait<i32>(changetype<usize>(job) + offsetof<Job>("done"), done, 20_000);
  }
}

/** A helper's: until there may be something to claim. False once the round is over. */
export function hasWork(job: Job): bool {
  const seen = atomic.load<i32>(changetype<usize>(job), offsetof<Job>("sequence"));
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<i32>(changetype<usize>(job), offsetof<Job>("over"))) return false;
    const ticket = atomic.load<i64>(changetype<usize>(job), offsetof<Job>("ticket"));
    if (<i32>ticket < <i32>(ticket >> 32)) return true;
  }
  atomic.add<i32>(changetype<usize>(job), 1, offsetof<Job>("sleepers"));
  atomic.wait<i32>(changetype<usize>(job) + offsetof<Job>("sequence"), seen, WAIT_NS);
  atomic.sub<i32>(changetype<usize>(job), 1, offsetof<Job>("sleepers"));
  return true;
}
