import { useState } from 'preact/hooks';
import { Button, Dialog, toast } from '../../../parts/index.ts';
import type { Detail } from '../types.ts';

/** How the run is done again from its recorded data, byte for byte. */
export function ReproduceDialog({ run, onClose }: { run: Detail; onClose: () => void }) {
  const command = `npx arboleda reproduce ${run.runId}`;
  const { sourceSha256, datasetSha256, definitionSha256, lockfileSha256, nodeVersion } = run.lineage;
  const facts = [
    ['Source', sourceSha256],
    ['Dataset', datasetSha256],
    ['Definition', definitionSha256],
    ['Lock file', lockfileSha256],
    ['Node.js', nodeVersion],
  ] as const;
  return (
    <Dialog title="Reproduce this run" onClose={onClose} wide>
      <div class="dialog-body">
        <p>
          In a checkout of the same code this does the run again in a clean folder, from its recorded data,
          and compares model bytes, metrics and reports. It ends with 0 where all is identical.
        </p>
        <Copied text={command} />
        <p class="quiet">What it holds the new run against:</p>
        <dl class="facts one-column">
          {facts.map(([name, value]) =>
            value === undefined ? null : (
              <div key={name}>
                <dt>{name}</dt>
                <dd class="mono">{value}</dd>
              </div>
            ),
          )}
        </dl>
      </div>
    </Dialog>
  );
}

/** A command line with a button that copies it. */
export function Copied({ text }: { text: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text).then(
      () => setDone(true),
      // A page without a secure origin has no clipboard: the text can be marked by hand.
      () => toast('The browser does not let this page copy', 'Mark the line and copy it by hand.'),
    );
  };
  return (
    <div class="copied">
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
      <Button onClick={copy}>
        {done ? 'Copied' : 'Copy'}
        <span class="unseen"> the command</span>
      </Button>
    </div>
  );
}
