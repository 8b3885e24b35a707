/** Words of the control block that the threads of a team share. */
export const PHASE = 0; // counts the runs; -1 ends the workers
export const OPEN = 1; // 1 while a run may be entered
export const ACTIVE = 2; // workers inside a run
export const FAILED = 3; // 1 once a worker threw
export const JOB = 4; // address of the run's job
export const HEADER_BYTES = 64;
/** After the header: what to run as JSON; after a failure its message. */
export const CONTROL_BYTES = HEADER_BYTES + 1_024;

/**
 * What a worker of a team does, as source text of a plain script: it must run from inside a bundle, where no file of
 * its own exists. A worker enters before it looks whether the door is open, so that the caller, who closes the door
 * before counting, misses none.
 */
export const workerSource = `
const { workerData } = require('node:worker_threads');
const { control, slot, memory, kernels } = workerData;
const words = new Int32Array(control, 0, ${HEADER_BYTES / 4});
const text = new Uint8Array(control, ${HEADER_BYTES});
const instances = new Map();
function run() {
  const bytes = text.slice();
  const { kernel, entry } = JSON.parse(new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0))));
  if (!instances.has(kernel)) {
    instances.set(kernel, new WebAssembly.Instance(kernels[kernel], { env: { memory } }).exports);
  }
  instances.get(kernel)[entry](Atomics.load(words, ${JOB}), slot);
}
for (let seen = 0; ; ) {
  Atomics.wait(words, ${PHASE}, seen);
  seen = Atomics.load(words, ${PHASE});
  if (seen < 0) break;
  Atomics.add(words, ${ACTIVE}, 1);
  try {
    if (Atomics.load(words, ${OPEN}) === 1) run();
  } catch (error) {
    if (Atomics.compareExchange(words, ${FAILED}, 0, 1) === 0) {
      text.fill(0);
      text.set(new TextEncoder().encode(String(error && error.message)).subarray(0, 1000));
    }
  }
  Atomics.sub(words, ${ACTIVE}, 1);
  Atomics.notify(words, ${ACTIVE});
}
`;
