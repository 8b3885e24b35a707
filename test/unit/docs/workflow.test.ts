import { existsSync, readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../../bin/cli/program.ts';

const workflow = readFileSync('.github/workflows/ci.yml', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** The text of one job: from its name to the next one of the same indentation. */
function job(name: string): string {
  const found = new RegExp(`\\n  ${name}:\\n([\\s\\S]*?)(?=\\n  \\S|$)`).exec(workflow);
  if (found === null) throw new Error(`no job ${name}`);
  return found[1] as string;
}

/** Every shell line of the workflow: of one-line and of block `run:`. */
const lines = workflow
  .split('\n')
  .map((line) => line.trim().replace(/^- /, ''))
  .flatMap((line) =>
    line.startsWith('run: ') ? [line.slice(5)] : /^(npm|npx|node|docker|curl) /.test(line) ? [line] : [],
  );

function unknownWords(words: readonly string[]): string[] {
  let command: Command = buildProgram(false);
  const missing: string[] = [];
  for (const word of words) {
    if (word.startsWith('-')) {
      const known = [...command.options, ...buildProgram(false).options].some(
        ({ long, short }) => word === long || word === short,
      );
      if (!known) missing.push(word);
      continue;
    }
    const sub = command.commands.find((one) => one.name() === word);
    if (sub !== undefined) command = sub;
    else if (command.parent === null) missing.push(word);
  }
  return missing;
}

describe('the GitHub workflow', () => {
  it('calls npm scripts that there are', () => {
    const called = lines.flatMap((line) =>
      [...line.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name),
    );
    expect(called).toContain('bundle:server');
    for (const name of called) expect(Object.keys(scripts), name).toContain(name);
  });

  it('calls the command line by commands and options that there are', () => {
    const called = lines.flatMap((line) =>
      [...line.matchAll(/npx arboleda ([^|>]+)/g)].map(([, rest = '']) => rest.trim().split(/\s+/)),
    );
    expect(called.length).toBeGreaterThan(0);
    for (const words of called) expect(unknownWords(words), words.join(' ')).toEqual([]);
    expect(unknownWords(['train', '--no-such-option', '--json'])).toEqual(['--no-such-option']);
    expect(unknownWords(['no-such-command'])).toEqual(['no-such-command']);
  });

  it('trains on data of the repository, evaluates, serves and uploads the model', () => {
    const train = job('train');
    const data = /--data (\S+)/.exec(train)?.[1] ?? '';
    expect(existsSync(data), data).toBe(true);
    const out = /--out (\S+)/.exec(train)?.[1] ?? '';
    expect(train).toMatch(/metrics\.r2 > 0\.\d/);
    expect(train).toContain(`--build-arg MODEL=${out} `);
    expect(train).toMatch(new RegExp(`upload-artifact@[\\s\\S]*${out}/[\\s\\S]*if-no-files-found: error`));
  });

  it('deploys by hand alone, by OIDC, once all else is green', () => {
    const deploy = job('deploy');
    expect(deploy).toContain("github.event_name == 'workflow_dispatch' && inputs.deploy");
    expect(deploy).toMatch(/needs: \[.*check.*test.*train.*\]/);
    expect(deploy).toContain('id-token: write');
    expect(deploy).toContain('role-to-assume: ${' + '{ vars.AWS_DEPLOY_ROLE_ARN }}');
    // No key of AWS is stored anywhere, and no other job may ask for a token.
    expect(workflow).not.toMatch(/secrets\.AWS|aws-access-key-id/);
    expect(workflow.match(/id-token: write/g)).toHaveLength(1);
  });
});
