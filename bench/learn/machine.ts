/** What the figures were measured on. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';

export interface Machine {
  cpu: string;
  cores: number;
  memoryGb: number;
  system: string;
  node: string;
  /** Commit of this repository, with a plus where files of lib or bench were changed. */
  commit: string;
  /** Average load just before the bench: a figure near the number of cores means that others were at work. */
  load: number;
}

export function machineFacts(): Machine {
  return {
    cpu: cpuModel(),
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${platform()} ${arch()}`,
    node: process.versions.node,
    commit: commit(),
    load: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** In cycles a second, where the system tells it. */
export function clockRate(): number | undefined {
  try {
    const megahertz = /cpu MHz\s*:\s*([\d.]+)/.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
    return megahertz === undefined ? undefined : Number(megahertz) * 1e6;
  } catch {
    const { speed } = cpus()[0] ?? { speed: 0 };
    return speed > 0 ? speed * 1e6 : undefined;
  }
}

function cpuModel(): string {
  const megahertz = clockRate();
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return megahertz === undefined ? model : `${model}, ${(megahertz / 1e9).toFixed(2)} GHz`;
}

function commit(): string {
  const git = (...rest: string[]): string =>
    execFileSync('git', rest, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', '.', '../../lib') !== '';
    return git('rev-parse', '--short=10', 'HEAD') + (changed ? '+' : '');
  } catch {
    return 'unknown';
  }
}
