import { exp, mul, neg } from './build.js';
import { unary, unaryCases } from './elementwise.js';

export const Erf = unary(
  'Erf',
  erf,
  // d erf(x)/dx = 2/√π · exp(-x²)
  (g, x) => mul(g, mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))),
  [...unaryCases(), { name: 'tails', inputs: [{ shape: [6], values: [0, -2.5, 2.4, 3, -5, 30] }], attributes: {} }],
);

/** Maclaurin series for small |x|, the continued fraction of erfc beyond (Abramowitz and Stegun 7.1.5, 7.1.14). */
function erf(x: number): number {
  const z = Math.abs(x);
  if (z < 2.5) {
    let term = z;
    let sum = z;
    for (let n = 1; n < 60; n++) {
      term *= (-z * z) / n;
      sum += term / (2 * n + 1);
    }
    return (Math.sign(x) * 2 * sum) / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = n / 2 / (z + fraction);
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / (z + fraction));
}
