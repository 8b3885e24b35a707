import type { RowGenerator } from '../../lib/pipeline/index.ts';

/**
 * A stand-in with the columns and rough distributions of the Ames file: areas log-normal around 139 square metres, rooms
 * growing with area, ages up to 136 years, and a price per square metre that falls with age.
 */
export const housesLikeAmes: RowGenerator = (random, count) =>
  Array.from({ length: count }, () => {
    const area = Math.min(525, Math.max(31, Math.exp(4.88 + 0.33 * gaussian(random))));
    const rooms = Math.min(15, Math.max(2, Math.round(2.6 + 0.0275 * area + 0.9 * gaussian(random))));
    const age = Math.floor(136 * random() ** 1.8);
    const price = area * (1750 - 8 * age) * Math.exp(0.18 * gaussian(random)) + 2500 * rooms;
    return {
      rooms,
      area: Number(area.toFixed(1)),
      age,
      price: Math.max(12_789, Math.round(price / 500) * 500),
    };
  });

/** Standard normal by Box and Muller (1958). */
function gaussian(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
