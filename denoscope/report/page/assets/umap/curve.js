/**
 * The curve 1 / (1 + a d^2b) that says how near two points of a map are (McInnes et al. 2018, arXiv:1802.03426): fitted
 * by least squares to 1 up to `minDist` and exp(minDist − d) beyond it.
 */

const PLACES = 300;
const REACH = 3;
const ITERATIONS = 200;

/** @typedef {{a: number, b: number}} Curve */

/**
 * Fit a and b by Levenberg and Marquardt's method.
 * @param {number} minDist
 * @returns {Curve}
 */
export function fitCurve(minDist) {
  let best = { a: 1, b: 1 };
  let error = normalEquations(best, minDist);
  let damping = 1e-3;
  for (let i = 0; i < ITERATIONS && damping < 1e12; i++) {
    const tried = step(best, error, damping);
    const found = normalEquations(tried, minDist);
    if (found.cost < error.cost) {
      const settled = error.cost - found.cost < 1e-15 * error.cost;
      [best, error] = [tried, found];
      damping /= 10;
      if (settled) break;
    } else {
      damping *= 10;
    }
  }
  return best;
}

/**
 * @param {Curve} from
 * @param {ReturnType<typeof normalEquations>} equations
 * @param {number} damping
 * @returns {Curve}
 */
function step(from, { aa, ab, bb, ra, rb }, damping) {
  const [p, q] = [aa * (1 + damping), bb * (1 + damping)];
  const determinant = p * q - ab * ab;
  return { a: from.a - (q * ra - ab * rb) / determinant, b: from.b - (p * rb - ab * ra) / determinant };
}

/**
 * The squared error, its Jacobian's products with itself (aa, ab, bb) and with the residuals (ra, rb).
 * @param {Curve} curve
 * @param {number} minDist
 */
function normalEquations({ a, b }, minDist) {
  const sums = { cost: 0, aa: 0, ab: 0, bb: 0, ra: 0, rb: 0 };
  for (let i = 0; i < PLACES; i++) {
    const d = (REACH * i) / (PLACES - 1);
    const wanted = d < minDist ? 1 : Math.exp(minDist - d);
    const power = d ** (2 * b);
    const value = 1 / (1 + a * power);
    const residual = value - wanted;
    const byA = -power * value * value;
    const byB = d > 0 ? 2 * a * Math.log(d) * byA : 0;
    sums.cost += residual * residual;
    sums.aa += byA * byA;
    sums.ab += byA * byB;
    sums.bb += byB * byB;
    sums.ra += byA * residual;
    sums.rb += byB * residual;
  }
  return sums;
}
