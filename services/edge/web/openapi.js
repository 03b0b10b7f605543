/**
 * Reads an OpenAPI 3.1 document: follows references, groups operations, and says a schema in words.
 */

/** @typedef {Record<string, any>} Schema */
/**
 * @typedef {{name: string, in: string, required: boolean, description: string, schema: Schema, example: unknown,
 *   fallback: unknown}} Parameter
 */
/**
 * @typedef {{id: string, method: string, path: string, summary: string, description: string, deprecated: boolean,
 *   parameters: Parameter[], body: Media | null, answers: Answer[]}} Operation
 */
/** @typedef {{type: string, schema: Schema | null, example: unknown}} Media */
/** @typedef {{status: string, description: string, media: Media | null}} Answer */
/** @typedef {{name: string, description: string, operations: Operation[]}} Group */

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const UNTAGGED = "Other";

export class Document {
  /** @param {Schema} source the parsed document */
  constructor(source) {
    this.source = source;
  }

  /** The operations by their first tag: tags in the order the document declares them, then as they come. */
  get groups() {
    /** @type {Map<string, Group>} */
    const groups = new Map();
    const group = (/** @type {string} */ name, description = "") =>
      groups.get(name) ?? groups.set(name, { name, description, operations: [] }).get(name);
    for (const { name, description } of this.source.tags ?? []) group(name, description);
    for (const [path, item] of Object.entries(this.source.paths ?? {})) {
      for (const method of METHODS.filter((name) => name in item))
        group(item[method].tags?.[0] ?? UNTAGGED)?.operations.push(this.#operation(path, method, item));
    }
    return [...groups.values()].filter(({ operations }) => operations.length > 0);
  }

  /**
   * Returns what a node stands for: itself, or what its reference leads to.
   * @param {Schema} node
   * @returns {Schema}
   */
  resolve(node) {
    const seen = new Set();
    let found = node;
    while (typeof found?.$ref === "string" && !seen.has(found.$ref)) {
      const { $ref, ...beside } = found;
      seen.add($ref);
      found = { ...this.#at($ref), ...beside };
    }
    return found ?? {};
  }

  /**
   * Returns a schema with its references and its one-sided unions resolved: "string or null" has the bounds of string.
   * @param {Schema} node
   * @returns {Schema}
   */
  flatten(node) {
    const schema = this.resolve(node);
    const branches = (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).map((/** @type {Schema} */ branch) =>
      this.resolve(branch),
    );
    const real = branches.filter((/** @type {Schema} */ branch) => branch.type !== "null");
    return real.length === 1 ? { ...real[0], ...schema } : schema;
  }

  /** @param {string} path @param {string} method @param {Schema} item @returns {Operation} */
  #operation(path, method, item) {
    const source = item[method];
    const parameters = [...(item.parameters ?? []), ...(source.parameters ?? [])].map((parameter) =>
      this.#parameter(this.resolve(parameter)),
    );
    return {
      id: source.operationId ?? `${method}-${path}`.replaceAll(/\W+/g, "-"),
      method: method.toUpperCase(),
      path,
      summary: source.summary ?? "",
      description: source.description ?? "",
      deprecated: source.deprecated === true,
      parameters: [
        ...new Map(parameters.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter])).values(),
      ],
      body: this.#media(this.resolve(source.requestBody ?? {}).content),
      answers: Object.entries(source.responses ?? {}).map(([status, answer]) =>
        this.#answer(status, this.resolve(answer)),
      ),
    };
  }

  /** @param {Schema} source @returns {Parameter} */
  #parameter(source) {
    const schema = this.flatten(source.schema ?? {});
    const example = firstOf(source.example, this.#named(source.examples), schema.examples?.[0], schema.example);
    return {
      name: source.name,
      in: source.in,
      required: source.required === true,
      description: source.description ?? schema.description ?? "",
      schema: source.schema ?? {},
      example,
      fallback: schema.default,
    };
  }

  /** @param {string} status @param {Schema} source @returns {Answer} */
  #answer(status, source) {
    return { status, description: source.description ?? "", media: this.#media(source.content) };
  }

  /** JSON is preferred where there are several. @param {Schema | undefined} content @returns {Media | null} */
  #media(content) {
    const [type, media] =
      Object.entries(content ?? {}).sort(([a], [b]) => Number(b.includes("json")) - Number(a.includes("json")))[0] ??
      [];
    if (!type) return null;
    return { type, schema: media.schema ?? null, example: firstOf(media.example, this.#named(media.examples)) };
  }

  /** Returns the value of the first of some named examples. @param {Schema | undefined} examples */
  #named(examples) {
    const [first] = Object.values(examples ?? {});
    return first && this.resolve(first).value;
  }

  /** @param {string} reference such as `#/components/schemas/Track` @returns {Schema} */
  #at(reference) {
    const steps = reference
      .replace(/^#\//, "")
      .split("/")
      .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
    return steps.reduce((node, step) => node?.[step], this.source) ?? {};
  }
}

/** @param {...unknown} values */
function firstOf(...values) {
  return values.find((value) => value !== undefined);
}
