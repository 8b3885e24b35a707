import type { Page } from 'playwright-core';

/** A way down a scrolling element, as the page's own clock saw it. */
export interface Scrolled {
  /** Milliseconds from a frame to the next. */
  frames: number[];
  /** The number of the last row that was drawn, from 1. */
  rows: number;
  /** Milliseconds at the end of what there was, while more was on its way. */
  waited: number;
  /** What the main thread did in that time, in milliseconds a frame. */
  work: { script: number; style: number; layout: number };
}

/** Scrolls `.grid` by `step` pixels a frame until nothing more comes. */
export async function scrollThrough(page: Page, step: number): Promise<Scrolled> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const before = await durations(session);
  const seen = (await page.evaluate(`new Promise((done) => {
    const grid = document.querySelector('.grid');
    const frames = [];
    let before = performance.now();
    let still = 0;
    let waited = 0;
    let stood = 0;
    grid.scrollTop = 0;
    const frame = (now) => {
      frames.push(now - before);
      const at = grid.scrollTop;
      grid.scrollTop = at + ${step};
      if (grid.scrollTop === at) {
        still++;
        stood += now - before;
      } else {
        waited += stood;
        still = stood = 0;
      }
      before = now;
      if (still < 90) return requestAnimationFrame(frame);
      const rows = [...grid.querySelectorAll('[data-index]')].map((row) => Number(row.dataset.index) + 1);
      done({ frames: frames.slice(2, -90), rows: Math.max(0, ...rows), waited });
    };
    requestAnimationFrame(frame);
  })`)) as Omit<Scrolled, 'work'>;
  const after = await durations(session);
  await session.detach();
  const perFrame = (name: string) =>
    (1_000 * ((after.get(name) ?? 0) - (before.get(name) ?? 0))) / seen.frames.length;
  return {
    ...seen,
    work: {
      script: perFrame('ScriptDuration'),
      style: perFrame('RecalcStyleDuration'),
      layout: perFrame('LayoutDuration'),
    },
  };
}

const durations = async (session: Awaited<ReturnType<ReturnType<Page['context']>['newCDPSession']>>) =>
  new Map((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value]));

/**
 * What this browser can do at all on this machine: a box of the table's size with as many plain lines, each a text of 40
 * pixels, which no script touches while it scrolls.
 */
export const plainLines = (rows: number): string => `<!doctype html><style>
  body { margin: 0 } .grid { height: 670px; overflow: auto; font: 14px/40px sans-serif }
  .grid div { height: 40px; border-bottom: 1px solid #ddd; box-sizing: border-box }
</style><div class="grid"></div><script>
  document.querySelector('.grid').innerHTML = Array.from({ length: ${rows} }, (_, i) => '<div data-index="' + i + '">' + ROW(i) + '</div>').join('');
  function ROW(i) { return 'grades ' + i + ' finished 0.7' + i + ' 0.81 0.55 real data grades 3 just now 2 min 4 s'; }
</script>`;

/**
 * The least that a table of virtual rows has to do: the same rows of ten texts, written anew by hand as they come into sight,
 * without a framework, links, badges or boxes.
 */
export const leanRows = (rows: number): string => `<!doctype html><style>
  body { margin: 0 } .grid { height: 670px; overflow: auto; font: 14px/40px sans-serif }
  .row { position: absolute; width: 100%; display: grid; grid-template-columns: repeat(10, 1fr); height: 40px; border-bottom: 1px solid #ddd; box-sizing: border-box }
</style><div class="grid"><div style="position:relative;height:${rows * 40}px"></div></div><script>
  const grid = document.querySelector('.grid'), all = grid.firstElementChild, drawn = new Map();
  function draw() {
    const first = Math.max(0, Math.floor(grid.scrollTop / 40) - 10), last = Math.min(${rows}, first + 37);
    for (const [i, row] of drawn) if (i < first || i >= last) { row.remove(); drawn.delete(i); }
    for (let i = first; i < last; i++) if (!drawn.has(i)) {
      const row = document.createElement('div');
      row.className = 'row'; row.dataset.index = i; row.style.top = i * 40 + 'px';
      for (const text of ['grades ' + i, 'finished', '0.7' + i, '0.81', '0.55', 'real data', 'grades 3', 'north', 'just now', '2 min 4 s']) row.appendChild(document.createElement('span')).textContent = text;
      drawn.set(i, row); all.appendChild(row);
    }
  }
  grid.addEventListener('scroll', draw, { passive: true }); draw();
</script>`;
