import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What judges the calls of every other file must come after them. */
const LAST = '/test/integration/roles.test.ts';

/** Vitest's own order (failed and slow files first), but for the comparison of recorded calls with roles, which comes last. */
export default class RolesLast extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const last = (file: TestSpecification) => file.moduleId.replaceAll('\\', '/').endsWith(LAST);
    return [...sorted.filter((file) => !last(file)), ...sorted.filter(last)];
  }
}
