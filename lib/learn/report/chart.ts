import { BarChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TitleComponent, VisualMapComponent } from 'echarts/components';
import type { EChartsCoreOption } from 'echarts/core';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

echarts.use([
  BarChart,
  HeatmapChart,
  LineChart,
  ScatterChart,
  GridComponent,
  TitleComponent,
  VisualMapComponent,
  SVGRenderer,
]);

/** Arimo is what the PNG is drawn with; Arial and Liberation Sans have the same widths where a browser draws the SVG. */
const FONT = "Arimo, Arial, 'Liberation Sans', Helvetica, sans-serif";

export const INK = '#1f2937';
export const MUTED = '#6b7280';
export const RULE = '#e5e7eb';
export const ACCENT = '#1d6fb8';

/** Most characters of a name that a chart shows. */
const LONGEST_NAME = 24;

/**
 * A name for an axis: cut in the middle, so that names alike in front stay apart.
 *
 * ECharts keeps the widths of texts in a plain object under the text: one called `__proto__` would write into
 * Object.prototype, and spoil the whole process. A blank behind such names, which SVG does not draw, keeps them out.
 */
export function shorten(name: string): string {
  const points = [...name.replaceAll(/\s+/g, ' ')];
  if (points.length > LONGEST_NAME) return `${points.slice(0, 14).join('')}…${points.slice(-9).join('')}`;
  return name in Object.prototype ? `${name} ` : points.join('');
}

/**
 * Draws an ECharts option as SVG text, without a DOM.
 *
 * The same option gives the same bytes, however many charts were drawn before.
 */
export function drawSvg(option: EChartsCoreOption, size: { width: number; height: number }): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      backgroundColor: '#ffffff',
      textStyle: { fontFamily: FONT, color: INK },
      ...option,
    });
    return plain(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/**
 * Without what is for a page that plays with the chart (hover styles, marks of data points), and without the number of
 * the chart in this process, which ECharts puts before ids. Texts are escaped, so that no pattern here meets one.
 */
function plain(svg: string): string {
  return svg
    .replaceAll(/<style ?>.*?<\/style>\n?/gs, '')
    .replaceAll(/ (?:class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="\w+")/g, '')
    .replaceAll(/( id="|="url\(#)zr\d+-/g, '$1');
}

/** Title above the plot, subtitle in grey below it. */
export const heading = (text: string, subtext: string) => ({
  text,
  subtext,
  left: 'center',
  top: 14,
  itemGap: 6,
  textStyle: { fontSize: 18, fontWeight: 'normal' as const, color: INK, fontFamily: FONT },
  subtextStyle: { fontSize: 13, color: MUTED, fontFamily: FONT },
});
