/**
 * Draws a cover for an item that has no picture: the same item always looks the same, and each kind has a look of its
 * own. Albums are printed sleeves, tracks are their waveform in their album's colours, artists are round monograms.
 */

import { chance, pick } from "./chance.js";
import { svg } from "./dom.js";

/** @typedef {import("./paths.js").Kind} Kind */
/** @typedef {() => number} Draw */
/** @typedef {{hue: number, ground: string, shape: string, second: string, light: string}} Palette */

const SIZE = 100;
const SLEEVES = [quarters, horizon, stripes, rings, columns, dots];

/**
 * Returns the artwork as an SVG element, hidden from assistive technology.
 * @param {{kind: Kind, id: string, title: string, album?: {id: string} | null}} item
 * @param {{bars?: number}} [options] how many bars a track's waveform has
 */
export function artwork(item, { bars = 9 } = {}) {
  const draw = chance(item.id);
  const colours = palette(paletteSeed(item));
  const shapes = { track: waveform, album: sleeve, artist: monogram }[item.kind](draw, colours, {
    bars,
    title: item.title,
  });
  const ground = svg("rect", { width: SIZE, height: SIZE, fill: colours.ground });
  return svg("svg", { class: "artwork", viewBox: `0 0 ${SIZE} ${SIZE}`, "aria-hidden": "true" }, ground, ...shapes);
}

/**
 * Returns the hue that an item's artwork is built on, in degrees, to tint what stands around it.
 * @param {{kind: Kind, id: string, album?: {id: string} | null}} item
 */
export function hue(item) {
  return palette(paletteSeed(item)).hue;
}

/** @param {{kind: Kind, id: string, album?: {id: string} | null}} item */
function paletteSeed(item) {
  return item.kind === "track" && item.album ? `album ${item.album.id}` : `${item.kind} ${item.id}`;
}

/**
 * Picks colours that go together: one hue for the ground, its relatives or its opposite for the shapes.
 * @param {string} seed
 * @returns {Palette}
 */
function palette(seed) {
  const draw = chance(seed);
  const base = Math.round(draw() * 360);
  const turn = pick(draw, [35, 60, 120, 170, 200, -45]);
  const dark = draw() < 0.6;
  return {
    hue: base,
    ground: colour(dark ? 0.36 : 0.85, dark ? 0.09 : 0.075, base),
    shape: colour(dark ? 0.74 : 0.66, dark ? 0.15 : 0.16, base + turn),
    second: colour(dark ? 0.54 : 0.76, 0.12, base + turn / 2),
    light: dark ? colour(0.94, 0.035, base + turn) : colour(0.29, 0.07, base),
  };
}

/** @param {number} lightness @param {number} chroma @param {number} degrees */
function colour(lightness, chroma, degrees) {
  return `oklch(${lightness} ${chroma} ${(degrees + 360) % 360})`;
}

/** @param {Draw} draw @param {Palette} colours */
function sleeve(draw, colours) {
  return pick(draw, SLEEVES)(draw, colours);
}

/** @param {Draw} draw @param {Palette} colours @param {{bars: number}} options */
function waveform(draw, { shape, light }, { bars }) {
  const pitch = 72 / bars;
  const loud = 0.4 + draw() * 0.5;
  const played = Math.round(bars * (0.25 + draw() * 0.4));
  return Array.from({ length: bars }, (_, place) => {
    const swell = Math.sin(((place + 0.5) / bars) * Math.PI);
    const height = 8 + 62 * swell * (loud * draw() + 1 - loud);
    const x = 14 + pitch * (place + 0.225);
    return svg("rect", {
      x,
      y: 50 - height / 2,
      width: pitch * 0.55,
      height,
      rx: pitch * 0.275,
      fill: place < played ? light : shape,
    });
  });
}

/** @param {Draw} draw @param {Palette} colours @param {{title: string}} options */
function monogram(draw, { shape, second, light }, { title }) {
  const angle = draw() * 2 * Math.PI;
  const at = (/** @type {number} */ distance) => ({
    cx: 50 + distance * Math.cos(angle),
    cy: 50 + distance * Math.sin(angle),
  });
  const letter = svg("text", { x: 50, y: 50, fill: light, class: "artwork__letter" }, initial(title));
  return [svg("circle", { ...at(38), r: 44, fill: second }), svg("circle", { ...at(60), r: 36, fill: shape }), letter];
}

/** Returns the first letter or digit of a name, else its first character. @param {string} name */
function initial(name) {
  return (name.match(/[\p{L}\p{N}]\p{M}*/u)?.[0] ?? [...name][0] ?? "").toUpperCase();
}

/** @param {Draw} draw @param {Palette} colours */
function quarters(draw, { shape, second, light }) {
  const cells = pick(draw, [2, 3]);
  const side = SIZE / cells;
  return Array.from({ length: cells * cells }, (_, place) => {
    const [x, y] = [(place % cells) * side, Math.floor(place / cells) * side];
    const turn = `rotate(${90 * Math.floor(draw() * 4)} ${x + side / 2} ${y + side / 2})`;
    const d = `M${x} ${y}h${side}a${side} ${side} 0 0 1 ${-side} ${side}z`;
    return svg("path", { d, transform: turn, fill: pick(draw, [shape, shape, second, light]) });
  });
}

/** @param {Draw} draw @param {Palette} colours */
function horizon(draw, { shape, second, light }) {
  const sun = { cx: 30 + draw() * 40, cy: 34 + draw() * 14, r: 18 + draw() * 12, fill: light };
  const bands = [58, 68, 79, 91].map((y, place) =>
    svg("rect", { x: 0, y, width: SIZE, height: 4 + place * 2.2, fill: place % 2 ? second : shape }),
  );
  return [svg("circle", sun), ...bands];
}

/** @param {Draw} draw @param {Palette} colours */
function stripes(draw, { shape, second, light }) {
  const turn = pick(draw, [-45, 45, -30, 60]);
  const width = pick(draw, [9, 13]);
  const lines = [0, 1, 2, 3].map((place) =>
    svg("rect", {
      x: 22 + place * (width + 5),
      y: -40,
      width,
      height: 180,
      fill: [shape, second, light, shape][place],
    }),
  );
  return [svg("g", { transform: `rotate(${turn} 50 50)` }, ...lines)];
}

/** @param {Draw} draw @param {Palette} colours */
function rings(draw, { shape, second, light, ground }) {
  const centre = { cx: pick(draw, [0, 50, 100]), cy: pick(draw, [50, 100]) };
  return [76, 60, 45, 31, 18, 7].map((r, place) =>
    svg("circle", { ...centre, r, fill: [shape, ground, second, ground, light, ground][place] }),
  );
}

/** @param {Draw} draw @param {Palette} colours */
function columns(draw, { shape, second, light }) {
  return [0, 1, 2, 3, 4].map((place) => {
    const height = 18 + draw() * 70;
    return svg("rect", {
      x: place * 20,
      y: SIZE - height,
      width: 20,
      height,
      fill: pick(draw, [shape, second, light]),
      "shape-rendering": "crispEdges",
    });
  });
}

/** @param {Draw} draw @param {Palette} colours */
function dots(draw, { shape, light }) {
  const special = Math.floor(draw() * 16);
  return Array.from({ length: 16 }, (_, place) =>
    svg("circle", {
      cx: 17 + (place % 4) * 22,
      cy: 17 + Math.floor(place / 4) * 22,
      r: place === special ? 11 : 3.5 + draw() * 4.5,
      fill: place === special ? light : shape,
    }),
  );
}
