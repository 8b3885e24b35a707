import type { RowGenerator } from '../../lib/pipeline/index.ts';

/**
 * A stand-in with the columns, ranges and rough relation of the simulated file: loads drawn evenly and apart from each other;
 * the response time grows with CPU, memory, network latency and users, as least squares finds it in the file; disk has no part in it.
 */
export const serversUnderLoad: RowGenerator = (random, count) =>
  Array.from({ length: count }, () => {
    const between = (low: number, high: number) => low + (high - low) * random();
    const cpu = between(20, 95);
    const memory = between(30, 90);
    const disk = between(50, 400);
    const latency = between(10, 150);
    const users = Math.floor(between(50, 1000));
    const response =
      53 + 2.04 * cpu + 1.48 * memory + 0.8 * latency + 0.298 * users + 19.5 * gaussian(random);
    return {
      cpu_usage: cpu,
      memory_usage: memory,
      disk_io_mbps: disk,
      network_latency_ms: latency,
      concurrent_users: users,
      response_time_ms: Math.max(1, response),
    };
  });

/** Standard normal by Box and Muller (1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
