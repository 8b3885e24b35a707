import { lnChoose } from './gamma.ts';

const PI2 = Math.PI ** 2;

/**
 * The chance that the greatest distance between two empirical distributions of one source is at least `d`, where the two have
 * `n` and `m` rows: the one-sample distribution at nm/(n+m) rows, rounded, as scipy's `ks_2samp(method='asymp')` takes it.
 */
export function ksTail(d: number, n: number, m: number): number {
  return kolmogorovTail(d, Math.max(1, Math.round((n * m) / (n + m))));
}

/**
 * P(D_n >= d). Far out twice the one-sided tail, which is exact for d >= 1/2 and all but exact from n d² = 2.2 on (Miller);
 * nearer the expansion of Pelz and Good (1976), as scipy's `kstwo` has it for large n (Simard and L'Ecuyer, 2011). Below 140
 * rows scipy works it out exactly; the expansion is within 1e-5 of that from 50 rows on.
 */
export function kolmogorovTail(d: number, n: number): number {
  if (d >= 1) return 0;
  if (n * d <= 0.5) return 1;
  const far = n * d * d;
  if (far >= 370) return 0;
  if (d >= 0.5 || far >= 2.2) return Math.min(1, 2 * oneSidedTail(d, n));
  return Math.min(1, Math.max(0, 1 - pelzGood(d, n)));
}

/** P(D_n+ >= d), exactly: d Σ C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j) over j <= n(1 - d) (Birnbaum and Tingey, 1951). */
function oneSidedTail(d: number, n: number): number {
  let sum = 0;
  for (let j = 0; j <= Math.floor(n * (1 - d)); j++) {
    const rest = 1 - d - j / n;
    const last = j === n ? 0 : rest <= 0 ? Number.NEGATIVE_INFINITY : (n - j) * Math.log(rest);
    sum += Math.exp(lnChoose(n, j) + (j - 1) * Math.log(d + j / n) + last);
  }
  return d * sum;
}

/** P(D_n <= d): K0(z) + K1(z)/√n + K2(z)/n + K3(z)/n^1.5 at z = d√n, each as sums over Jacobi's theta functions. */
function pelzGood(d: number, n: number): number {
  const z = Math.sqrt(n) * d;
  const [z2, z3, z4, z6] = [z ** 2, z ** 3, z ** 4, z ** 6];
  const most = Math.ceil((16 * z) / Math.PI);
  const k: [number, number, number, number] = [0, 0, 0, 0];
  for (let i = 1; i <= most; i++) {
    const odd = (2 * i - 1) ** 2;
    const q = Math.exp((-PI2 / 8 / z2) * odd);
    k[0] += q;
    k[1] += q * (-z2 + (PI2 / 4) * odd);
    k[2] +=
      q * (6 * z6 + 2 * z4 + ((2 * z4 - 5 * z2) * PI2 * odd) / 4 + (PI2 ** 2 * (1 - 2 * z2) * odd ** 2) / 16);
    k[3] +=
      q *
      (-30 * z6 -
        90 * z ** 8 +
        (PI2 * (135 * z4 - 96 * z6) * odd) / 4 +
        (PI2 ** 2 * (-60 * z2 + 212 * z4) * odd ** 2) / 16 +
        (PI2 ** 3 * (5 - 30 * z2) * odd ** 3) / 64);
  }
  const root = Math.sqrt(2 * Math.PI);
  const sums = [k[0] / z, k[1] / (6 * z4), k[2] / (72 * z ** 7), k[3] / (6480 * z ** 10)].map(
    (x) => x * root,
  );
  for (let i = 1; i <= most; i++) {
    const q = Math.exp((-PI2 / 2 / z2) * i * i) * i * i;
    sums[2] = (sums[2] as number) - (PI2 * root * q) / (36 * z3);
    sums[3] = (sums[3] as number) + (PI2 * root * q * (3 * z2 - PI2 * i * i)) / (216 * z6);
  }
  return sums.reduce((total, x, i) => total + x / n ** (i / 2), 0);
}
