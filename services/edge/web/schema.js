/**
 * Says a JSON schema in words, and makes a value of it.
 */

/** @typedef {import("./openapi.js").Document} Document */
/** @typedef {import("./openapi.js").Schema} Schema */

/** How deep a sample goes: enough to see the shape, and an end to schemas that contain themselves. */
const DEEPEST = 6;
const SAMPLES = /** @type {Record<string, unknown>} */ ({
  string: "text",
  integer: 1,
  number: 1.5,
  boolean: true,
  null: null,
});

/**
 * Returns the type in words: `array of TrackHit`, `string or null`, `"track"`.
 * @param {Document} document
 * @param {Schema} node
 * @returns {string}
 */
export function typeInWords(document, node) {
  const schema = document.resolve(node);
  const union = schema.anyOf ?? schema.oneOf;
  if (union)
    return [...new Set(union.map((/** @type {Schema} */ branch) => typeInWords(document, branch)))].join(" or ");
  if (schema.allOf?.length === 1) return typeInWords(document, schema.allOf[0]);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((/** @type {unknown} */ value) => JSON.stringify(value)).join(" or ");
  if (schema.type === "array") return `array of ${typeInWords(document, schema.items ?? {})}`;
  if (schema.type === "object" || schema.properties) return (node.$ref && schema.title) || "object";
  return [schema.type ?? "anything"].flat().join(" or ");
}

/**
 * Returns the limits of a value in words.
 * @param {Document} document
 * @param {Schema} node
 * @returns {string[]}
 */
export function boundsInWords(document, node) {
  const schema = document.flatten(node);
  return [
    range(schema.minimum, schema.maximum),
    schema.exclusiveMinimum !== undefined && `more than ${schema.exclusiveMinimum}`,
    schema.exclusiveMaximum !== undefined && `less than ${schema.exclusiveMaximum}`,
    range(schema.minLength, schema.maxLength, " characters"),
    range(schema.minItems, schema.maxItems, " items"),
    schema.format,
    schema.pattern && `matches ${schema.pattern}`,
    !["", null, undefined].includes(schema.default) && `default ${JSON.stringify(schema.default)}`,
  ].filter((words) => typeof words === "string");
}

/**
 * Returns the fields of an object, or of the objects in an array; none where the schema is neither.
 * @param {Document} document
 * @param {Schema} node
 * @returns {{name: string, schema: Schema, required: boolean}[]}
 */
export function fields(document, node) {
  const schema = document.flatten(node);
  if (schema.type === "array") return fields(document, schema.items ?? {});
  const union = (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).flatMap((/** @type {Schema} */ branch) =>
    fields(document, branch),
  );
  const own = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    schema: property,
    required: schema.required?.includes(name) ?? false,
  }));
  return [...new Map([...union, ...own].map((field) => [field.name, field])).values()];
}

/**
 * Returns a value that the schema describes: its own example, else one made of its parts.
 * @param {Document} document
 * @param {Schema} node
 * @param {number} [depth]
 * @returns {unknown}
 */
export function sample(document, node, depth = 0) {
  const schema = document.flatten(node);
  const given = [schema.examples?.[0], schema.example, schema.const, schema.default, schema.enum?.[0]].find(
    (value) => value !== undefined,
  );
  if (given !== undefined || depth > DEEPEST) return given ?? null;
  const [branch] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (branch && !schema.properties) return sample(document, branch, depth + 1);
  if (schema.type === "array") return [sample(document, schema.items ?? {}, depth + 1)];
  if (schema.properties)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, property]) => [name, sample(document, property, depth + 1)]),
    );
  return SAMPLES[[schema.type].flat()[0]] ?? {};
}

/** @param {number | undefined} least @param {number | undefined} most @param {string} [unit] */
function range(least, most, unit = "") {
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (least !== undefined) return `at least ${least}${unit}`;
  return most !== undefined && `at most ${most}${unit}`;
}
