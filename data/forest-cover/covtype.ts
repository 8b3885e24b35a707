import type { HttpsSource } from '../../lib/pipeline/index.ts';
import { httpsFile } from '../../lib/pipeline/index.ts';

const NUMBERS = [
  'Elevation',
  'Aspect',
  'Slope',
  'Horizontal_Distance_To_Hydrology',
  'Vertical_Distance_To_Hydrology',
  'Horizontal_Distance_To_Roadways',
  'Hillshade_9am',
  'Hillshade_Noon',
  'Hillshade_3pm',
  'Horizontal_Distance_To_Fire_Points',
];
const numbered = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}${i + 1}`);

/**
 * UCI 31 as delivered: all 581,012 rows without a header, the wilderness area and the soil type as 4 and 40 columns of 0 and 1,
 * Cover_Type 1 to 7. Decoded to the text columns and the classes 0 to 6 that this pipeline has. The bytes are the ones that
 * scikit-learn's fetch_covtype pins; the soils' codes are those of covtype.info, in its order.
 */
export const covtype: HttpsSource = httpsFile({
  url: 'https://archive.ics.uci.edu/static/public/31/covertype.zip',
  entry: 'covtype.data.gz',
  sha256: '614360d0257557dd1792834a85a1cdebfadc3c4f30b011d56afee7ffb5b15771',
  header: [...NUMBERS, ...numbered('Wilderness_Area', 4), ...numbered('Soil_Type', 40), 'Cover_Type'],
  // Its text is part of the definition's hash, so all that it needs stands in it.
  decode: (row) => {
    const areas = ['Rawah', 'Neota', 'Commanche', 'Cache'];
    const soils =
      '2702 2703 2704 2705 2706 2717 3501 3502 4201 4703 4704 4744 4758 5101 5151 6101 6102 6731 7101 7102 7103 7201 7202 7700 7701 7702 7709 7710 7745 7746 7755 7756 7757 7790 8703 8707 8708 8771 8772 8776'.split(
        ' ',
      );
    const decoded: Record<string, string | number | null> = {};
    for (const [name, value] of Object.entries(row)) {
      const [, kind, place] = /^(Wilderness_Area|Soil_Type)(\d+)$/.exec(name) ?? [];
      if (kind === undefined) decoded[name] = value;
      else if (value === '1') {
        const at = Number(place) - 1;
        decoded[kind] = kind === 'Soil_Type' ? `C${soils[at]}` : areas[at]!;
      }
    }
    return { ...decoded, Cover_Type: Number(row.Cover_Type) - 1 };
  },
});
