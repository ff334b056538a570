/** JSON without loss: a whole number that a double cannot hold keeps its digits, where the browser knows how. Pure. */

const WHOLE = /^-?\d+$/;

/** The value of a JSON text. A number beyond 2^53 is its digits (JSON.rawJSON), so that writing it again gives the same. */
export function readJson(text) {
  if (!JSON.rawJSON) return JSON.parse(text);
  return JSON.parse(text, (_, value, { source } = {}) =>
    typeof value === "number" && !Number.isSafeInteger(value) && WHOLE.test(source) ? JSON.rawJSON(source) : value,
  );
}

/** A value as JSON to read, two spaces a level. */
export const writeJson = (value) => JSON.stringify(value, null, 2);

/** Whether a value is a number, also one that is its digits. */
export const isNumber = (value) => typeof value === "number" || Boolean(JSON.isRawJSON?.(value));

/** Whether a value has fields of its own. */
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value) && !isNumber(value);
