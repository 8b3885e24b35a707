import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { BadDataError } from '../../errors/index.ts';

/** resvg may be initialised once a process; a failed try is forgotten, so that the next one may succeed. */
let ready: Promise<void> | undefined;

/** Pixels of the PNG to one unit of the SVG, for sharp text on dense screens. */
const ZOOM = 2;

/**
 * Draws SVG text as a PNG of twice its size, with resvg: the same bytes on any machine, no system font is read.
 *
 * @param assets bytes of the files that `reportAssets` names
 * @throws BadDataError where the text is not SVG
 */
export async function svgToPng(
  svg: string,
  assets: { wasm: Uint8Array; font: Uint8Array },
): Promise<Uint8Array> {
  ready ??= initWasm(assets.wasm as Uint8Array<ArrayBuffer>);
  try {
    await ready;
  } catch (cause) {
    ready = undefined;
    throw new BadDataError('the SVG renderer could not be loaded', {
      cause,
      remedy: 'Give the bytes of the file that `reportAssets.wasm` names.',
    });
  }
  return render(svg, assets.font);
}

function render(svg: string, font: Uint8Array): Uint8Array {
  let renderer: InstanceType<typeof Resvg> | undefined;
  try {
    renderer = new Resvg(svg, {
      fitTo: { mode: 'zoom', value: ZOOM },
      font: { fontBuffers: [font], defaultFontFamily: 'Arimo', sansSerifFamily: 'Arimo' },
    });
    const image = renderer.render();
    const bytes = image.asPng().slice();
    image.free();
    return bytes;
  } catch (cause) {
    throw new BadDataError('this text cannot be drawn: it is not SVG', { cause });
  } finally {
    renderer?.free();
  }
}
