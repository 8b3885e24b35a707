/**
 * The package files that `svgToPng` needs, as module specifiers: this room does no I/O, so whoever calls reads them
 * (`import.meta.resolve(reportAssets.wasm)`), and whoever bundles a function lays them in its `assets/`.
 */
export const reportAssets = {
  /** The renderer: resvg compiled to WebAssembly (MPL-2.0). */
  wasm: '@resvg/resvg-wasm/index_bg.wasm',
  /** Arimo Regular (OFL-1.1): the widths of Arial, with Latin, Greek, Cyrillic and Hebrew. */
  font: '@expo-google-fonts/arimo/400Regular/Arimo_400Regular.ttf',
} as const;
