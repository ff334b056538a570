/** The routes that a specification tells, as one flat list. Pure: knows OpenAPI, nothing of the page. */

/** Every operation: `method`, `path`, `id`, `summary`, `tag`, `needs`, `parameters`, `answers`, `body`. */
export function operations(specification) {
  return Object.entries(specification.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      id: operation.operationId,
      summary: operation.summary ?? "",
      tag: operation.tags?.[0] ?? "",
      needs: needed(operation.security),
      parameters: operation.parameters ?? [],
      answers: Object.entries(operation.responses).map(([status, answer]) => ({
        status,
        text: answer.description,
        types: Object.keys(answer.content ?? {}),
      })),
      body: bodyOf(operation),
    })),
  );
}

/** The operations by their tag, in the order in which the tags come first. */
export function byTag(found) {
  const groups = new Map();
  for (const one of found) groups.set(one.tag, [...(groups.get(one.tag) ?? []), one]);
  return groups;
}

/** How a parameter's type reads: `integer 1 to 1000`, `json, csv, rss`. */
export function typeOf(schema = {}) {
  if (schema.enum) return schema.enum.join(", ");
  const type = [schema.type ?? "any"].flat().join(" or ");
  const bounds = [schema.minimum, schema.maximum].filter((bound) => bound !== undefined).join(" to ");
  return [type, bounds].filter(Boolean).join(" ");
}

/** The path with its parts filled in and the query behind it; what is empty is left away. */
export function target(operation, values, more = "") {
  const path = operation.path.replace(/\{(\w+)\}/g, (whole, name) =>
    values[name] ? encodeURIComponent(values[name]) : whole,
  );
  const query = new URLSearchParams(
    operation.parameters
      .filter((parameter) => parameter.in === "query" && values[parameter.name])
      .map((parameter) => [parameter.name, values[parameter.name]]),
  );
  for (const [name, value] of new URLSearchParams(more)) query.append(name, value);
  return query.size ? `${path}?${query}` : path;
}

/** The names of the path's parts that have no value yet. */
export function missing(operation, values) {
  return operation.parameters
    .filter((parameter) => parameter.in === "path" && !values[parameter.name])
    .map((parameter) => parameter.name);
}

/** The scope a key must have, "" where one may come without. */
function needed(security = []) {
  const open = security.some((way) => !Object.keys(way).length);
  return open ? "" : (security.find((way) => way.key)?.key[0] ?? "");
}

function bodyOf(operation) {
  if (!operation.requestBody) return null;
  const [type, content] = Object.entries(operation.requestBody.content)[0];
  const example = content.example ?? content.schema?.example ?? {};
  return { type, text: JSON.stringify(example), help: operation.requestBody.description ?? "" };
}
