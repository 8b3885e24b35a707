import type { RowGenerator } from '../../lib/pipeline/index.ts';

export const WILDERNESS_AREAS = ['Rawah', 'Neota', 'Commanche', 'Cache'] as const;

/** Ecological land type units (ELU) of the US Forest Service, in the order of UCI's Soil_Type1 to Soil_Type40. */
export const SOIL_TYPES = [
  'C2702',
  'C2703',
  'C2704',
  'C2705',
  'C2706',
  'C2717',
  'C3501',
  'C3502',
  'C4201',
  'C4703',
  'C4704',
  'C4744',
  'C4758',
  'C5101',
  'C5151',
  'C6101',
  'C6102',
  'C6731',
  'C7101',
  'C7102',
  'C7103',
  'C7201',
  'C7202',
  'C7700',
  'C7701',
  'C7702',
  'C7709',
  'C7710',
  'C7745',
  'C7746',
  'C7755',
  'C7756',
  'C7757',
  'C7790',
  'C8703',
  'C8707',
  'C8708',
  'C8771',
  'C8772',
  'C8776',
] as const;

/** The whole numbers of a row, with the bounds of the real ones. */
const BOUNDS = {
  Elevation: [1871, 3848],
  Aspect: [0, 360],
  Slope: [0, 57],
  Horizontal_Distance_To_Hydrology: [0, 1358],
  Vertical_Distance_To_Hydrology: [-166, 599],
  Horizontal_Distance_To_Roadways: [0, 7097],
  Hillshade_9am: [0, 254],
  Hillshade_Noon: [78, 254],
  Hillshade_3pm: [0, 254],
  Horizontal_Distance_To_Fire_Points: [0, 7150],
} as const;
const COLUMNS = Object.keys(BOUNDS) as (keyof typeof BOUNDS)[];

interface Kind {
  /** Rows of the class in the real file. */
  rows: number;
  /** Mean and standard deviation of each number, in the order of BOUNDS. */
  numbers: [number, number][];
  areas: Record<string, number>;
  /** Soils of more than 3 in 100 rows of the class. */
  soils: Record<string, number>;
}

/** What the 92,962 rows are like, class by class (0 Spruce/Fir to 6 Krummholz). */
const KINDS: readonly Kind[] = [
  {
    rows: 33894,
    numbers: [
      [3127, 159],
      [158, 117],
      [13, 7],
      [271, 217],
      [42, 57],
      [2609, 1492],
      [212, 25],
      [223, 18],
      [144, 36],
      [2010, 1242],
    ],
    areas: { Rawah: 16874, Commanche: 14025, Neota: 2995 },
    soils: {
      C7745: 6611,
      C7202: 5784,
      C7201: 4098,
      C7756: 3386,
      C7757: 2962,
      C7755: 1847,
      C7700: 1825,
      C8771: 1357,
      C8772: 1242,
      C7746: 1235,
    },
  },
  {
    rows: 45328,
    numbers: [
      [2920, 187],
      [152, 107],
      [14, 7],
      [278, 209],
      [45, 56],
      [2435, 1620],
      [214, 25],
      [225, 18],
      [143, 36],
      [2181, 1434],
    ],
    areas: { Rawah: 23583, Commanche: 19848, Neota: 1415, Cache: 482 },
    soils: {
      C7745: 11462,
      C7756: 4703,
      C4744: 4417,
      C7757: 3975,
      C7202: 3404,
      C7746: 3257,
      C4758: 2094,
      C7755: 2050,
      C4703: 1703,
      C7700: 1522,
      C4704: 1509,
    },
  },
  {
    rows: 5721,
    numbers: [
      [2392, 194],
      [176, 107],
      [21, 9],
      [211, 142],
      [62, 59],
      [938, 611],
      [202, 40],
      [216, 27],
      [141, 52],
      [908, 527],
    ],
    areas: { Cache: 3456, Commanche: 2265 },
    soils: { C4703: 1845, C2705: 1177, C2703: 835, C2717: 637, C2704: 387, C2702: 358, C4704: 203 },
  },
  {
    rows: 439,
    numbers: [
      [2222, 104],
      [138, 85],
      [18, 9],
      [99, 138],
      [37, 57],
      [928, 378],
      [229, 24],
      [219, 20],
      [113, 47],
      [823, 458],
    ],
    areas: { Cache: 439 },
    soils: { C2704: 162, C6102: 61, C2717: 54, C4703: 32, C2705: 31, C2702: 31, C5101: 27, C2703: 22 },
  },
  {
    rows: 1519,
    numbers: [
      [2789, 97],
      [139, 91],
      [17, 8],
      [206, 176],
      [48, 56],
      [1364, 1026],
      [223, 22],
      [219, 25],
      [122, 50],
      [1545, 949],
    ],
    areas: { Commanche: 951, Rawah: 568 },
    soils: {
      C7746: 317,
      C4758: 210,
      C7745: 186,
      C7202: 117,
      C4704: 115,
      C6102: 99,
      C2705: 98,
      C7757: 83,
      C7756: 80,
      C7755: 49,
    },
  },
  {
    rows: 2779,
    numbers: [
      [2421, 191],
      [180, 133],
      [19, 8],
      [162, 125],
      [47, 48],
      [1039, 578],
      [193, 34],
      [210, 25],
      [148, 46],
      [1064, 579],
    ],
    areas: { Cache: 1544, Commanche: 1235 },
    soils: {
      C4703: 1400,
      C2717: 221,
      C2703: 199,
      C2702: 129,
      C2705: 113,
      C6102: 109,
      C2706: 99,
      C4758: 99,
      C7757: 96,
    },
  },
  {
    rows: 3282,
    numbers: [
      [3364, 108],
      [153, 112],
      [14, 7],
      [358, 299],
      [69, 80],
      [2779, 1213],
      [217, 23],
      [222, 20],
      [135, 39],
      [2109, 1089],
    ],
    areas: { Commanche: 2105, Rawah: 798, Neota: 379 },
    soils: {
      C8771: 1001,
      C8772: 829,
      C8776: 605,
      C8703: 153,
      C7745: 139,
      C7756: 131,
      C7202: 111,
      C7757: 109,
    },
  },
];

/** A stand-in with the columns, categories, shares of classes and, class by class, means and spreads of UCI 31. */
export const forestLikeUci: RowGenerator = (random, count) => {
  const classes = drawFrom(Object.fromEntries(KINDS.map(({ rows }, label) => [String(label), rows])));
  const parts = KINDS.map(({ areas, soils }) => ({ area: drawFrom(areas), soil: drawFrom(soils) }));
  return Array.from({ length: count }, () => {
    const label = classes(random);
    const { numbers } = KINDS[Number(label)]!;
    const { area, soil } = parts[Number(label)]!;
    const row: Record<string, string | number> = {};
    for (const [i, column] of COLUMNS.entries()) {
      const [mean, deviation] = numbers[i]!;
      const [low, high] = BOUNDS[column];
      row[column] = Math.min(high, Math.max(low, Math.round(mean + deviation * normal(random))));
    }
    return { ...row, Wilderness_Area: area(random), Soil_Type: soil(random), Cover_Type: label };
  });
};

/** Draws a value as often as its count says. */
function drawFrom(counts: Record<string, number>): (random: () => number) => string {
  const entries = Object.entries(counts);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  return (random) => {
    let left = random() * total;
    for (const [value, count] of entries) {
      left -= count;
      if (left < 0) return value;
    }
    return entries[0]![0];
  };
}

/** Standard normal, by Box and Muller's transform. */
const normal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
