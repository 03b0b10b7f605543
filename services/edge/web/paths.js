/**
 * The addresses of the page's own views, and what an address shows.
 */

/** @typedef {"track" | "album" | "artist"} Kind */
/** @typedef {{view: "search", query: string, kind: Kind | null}} SearchPlace */
/** @typedef {{view: "item", kind: Kind, id: string}} ItemPlace */
/** @typedef {SearchPlace | ItemPlace | {view: "nowhere"}} Place */

const KIND_BY_FOLDER = new Map(
  /** @type {[string, Kind][]} */ ([
    ["tracks", "track"],
    ["albums", "album"],
    ["artists", "artist"],
  ]),
);

/** @param {string} id */
const trackPath = (id) => `/tracks/${segment(id)}`;
/** @param {string} id */
export const albumPath = (id) => `/albums/${segment(id)}`;
/** @param {string} id */
export const artistPath = (id) => `/artists/${segment(id)}`;

/**
 * Returns the address of any item's page.
 * @param {Kind} kind
 * @param {string} id
 */
export function itemPath(kind, id) {
  return { track: trackPath, album: albumPath, artist: artistPath }[kind](id);
}

/**
 * Returns the address of a search.
 * @param {string} query
 * @param {Kind | null} kind
 */
export function searchPath(query, kind) {
  const parameters = new URLSearchParams();
  if (query) parameters.set("q", query);
  if (kind) parameters.set("kinds", kind);
  return parameters.size ? `/?${parameters}` : "/";
}

/**
 * Returns what an address of the page shows.
 * @param {URL} url
 * @returns {Place}
 */
export function place(url) {
  const [folder, id, ...rest] = url.pathname.slice(1).split("/");
  const kind = KIND_BY_FOLDER.get(folder);
  if (kind && id && rest.length === 0) return { view: "item", kind, id: decoded(id) };
  if (url.pathname !== "/") return { view: "nowhere" };
  const wanted = /** @type {Kind | null} */ (url.searchParams.get("kinds"));
  return {
    view: "search",
    query: url.searchParams.get("q") ?? "",
    kind: wanted && [...KIND_BY_FOLDER.values()].includes(wanted) ? wanted : null,
  };
}

/** Ids are `<source>:<key>`, and a colon may stand in a path as it is. @param {string} id */
export function segment(id) {
  return encodeURIComponent(id).replaceAll("%3A", ":");
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
