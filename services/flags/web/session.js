/**
 * Who acts here: the admin token and a name, kept for this tab and forgotten with it.
 */

const TOKEN = "backline.admin-token";
const ACTOR = "backline.actor";

/** What is kept where the browser keeps nothing. @type {Map<string, string>} */
const unkept = new Map();

export const session = {
  get token() {
    return read(TOKEN);
  },
  set token(token) {
    write(TOKEN, token);
  },
  get actor() {
    return read(ACTOR);
  },
  set actor(actor) {
    write(ACTOR, actor);
  },
};

/** @param {string} name */
function read(name) {
  try {
    return sessionStorage.getItem(name) ?? "";
  } catch {
    return unkept.get(name) ?? "";
  }
}

/** @param {string} name @param {string} value */
function write(name, value) {
  try {
    if (value) sessionStorage.setItem(name, value);
    else sessionStorage.removeItem(name);
  } catch {
    unkept.set(name, value);
  }
}
