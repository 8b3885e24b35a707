import type { ObjectStore } from '../../store/ports.ts';
import { costOfRun, type RunCost } from './cost.ts';
import { profileOfRun, type RunData } from './data-profile.ts';
import { type LineageGraph, lineageOfRun } from './lineage.ts';
import { type Quarantine, readQuarantine } from './quarantine.ts';
import {
  type RegisterDeps,
  type RegisteredFromRun,
  type RegisterFromRun,
  registerFromRun,
} from './register.ts';
import { readReport } from './report.ts';
import type { RunReport } from './report-schema.ts';

export type { RunCost } from './cost.ts';
export type { ProfiledColumn, RunData } from './data-profile.ts';
export type { LineageGraph, LineageKind, LineageNode } from './lineage.ts';
export { badRow, type Quarantine } from './quarantine.ts';
export type { RegisteredFromRun, RegisterFromRun } from './register.ts';
export { type RunReport, runReport } from './report-schema.ts';

/** All that a page of one run shows beyond its record, and the version that is made from it. */
export class RunReports {
  readonly #deps: RegisterDeps & { objects: ObjectStore };

  constructor(deps: RegisterDeps) {
    this.#deps = deps;
  }

  /** @throws NotFoundError */
  async report(workspace: string, runId: string): Promise<RunReport> {
    await this.#deps.runs.get(workspace, runId);
    return readReport(this.#deps, workspace, runId);
  }

  /** @throws NotFoundError, ConflictError where there is no dataset yet */
  data(workspace: string, runId: string, against?: string): Promise<RunData> {
    return profileOfRun(this.#deps, workspace, runId, against);
  }

  /** @throws NotFoundError */
  quarantine(workspace: string, runId: string, limit: number): Promise<Quarantine> {
    return readQuarantine(this.#deps, workspace, runId, limit);
  }

  /** @throws NotFoundError */
  lineage(workspace: string, runId: string): Promise<LineageGraph> {
    return lineageOfRun(this.#deps, workspace, runId);
  }

  /** @throws NotFoundError */
  cost(workspace: string, runId: string): Promise<RunCost> {
    return costOfRun(this.#deps, workspace, runId);
  }

  /** @throws NotFoundError, ConflictError, InvalidInputError */
  register(workspace: string, runId: string, request: RegisterFromRun): Promise<RegisteredFromRun> {
    return registerFromRun(this.#deps, workspace, runId, request);
  }
}
