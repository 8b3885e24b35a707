import { availableParallelism } from 'node:os';

/** MB of memory for which Lambda gives a function one vCPU (docs.aws.amazon.com/lambda, "Configure memory"). */
export const MB_PER_VCPU = 1_769;

/** vCPUs of a function of that memory; not a whole number. */
export const vcpusOf = (memoryMb: number): number => memoryMb / MB_PER_VCPU;

/** Threads that keep those vCPUs busy: a part of one is worth a thread. */
export const threadsOf = (memoryMb: number): number => Math.max(1, Math.ceil(vcpusOf(memoryMb)));

/**
 * Threads to train on in this process: what the machine has, and in a function no more than its memory pays for. An
 * emulator's host may have many more.
 */
export function threadsHere(
  env: Record<string, string | undefined> = process.env,
  cores: number = availableParallelism(),
): number {
  const memory = Number(env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
  return memory > 0 ? Math.min(cores, threadsOf(memory)) : cores;
}
