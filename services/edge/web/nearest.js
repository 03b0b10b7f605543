/**
 * Finds what stands nearest in a direction, so that arrow keys lead through a list and through a grid alike.
 */

/** @typedef {{axis: "x" | "y", sign: 1 | -1}} Way */

/** @type {Way} */
export const DOWN = { axis: "y", sign: 1 };
/** @type {Way} */
export const UP = { axis: "y", sign: -1 };
/** @type {Way} */
export const RIGHT = { axis: "x", sign: 1 };
/** @type {Way} */
export const LEFT = { axis: "x", sign: -1 };

/**
 * Returns the element nearest to another that way, undefined where there is none: the next line first, then the nearest
 * on it. Sideways only the same line counts: the next one is below, not to the right.
 * @param {HTMLElement[]} elements
 * @param {HTMLElement} from
 * @param {Way} way
 */
export function nearest(elements, from, way) {
  const start = box(from);
  const ahead = elements
    .map((element) => ({ element, ...offset(start, box(element), way) }))
    .filter(({ along, across }) => along > 1 && (way.axis === "y" || across < start.height / 2));
  const next = Math.min(...ahead.map(({ along }) => along));
  const line = ahead.filter(({ along }) => along < next + start.height / 2);
  const [first] = line.sort((a, b) => a.across - b.across);
  return first?.element;
}

/** @typedef {{x: number, y: number, height: number}} Box a centre and how tall it stands around that */

/** Returns where a stop stands: a link is as large as the list item that it is stretched over. @param {HTMLElement} stop */
function box(stop) {
  const { x, y, width, height } = (stop.closest("li") ?? stop).getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2, height };
}

/** Returns how far one box is from another along a way and across it. @param {Box} from @param {Box} to @param {Way} way */
function offset(from, to, { axis, sign }) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  return axis === "y" ? { along: dy * sign, across: Math.abs(dx) } : { along: dx * sign, across: Math.abs(dy) };
}
