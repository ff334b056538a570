/** One request as a person would write it: curl, Python, JavaScript. Pure. The key is never in a snippet. */

/** What stands in the place of the key. */
export const KEY = "YOUR_KEY";

function headersOf(operation) {
  return {
    ...(operation.needs ? { "X-API-Key": KEY } : {}),
    ...(operation.body ? { "Content-Type": operation.body.type } : {}),
  };
}

const shell = (text) => `'${text.replaceAll("'", "'\\''")}'`;
const quoted = (value) => JSON.stringify(value);

function curl(operation, url) {
  return [
    operation.method === "GET" ? "curl" : `curl -X ${operation.method}`,
    ...Object.entries(headersOf(operation)).map(([name, value]) => `-H ${shell(`${name}: ${value}`)}`),
    ...(operation.body ? [`-d ${shell(operation.body.text)}`] : []),
    shell(url),
  ].join(" \\\n  ");
}

function python(operation, url) {
  const headers = headersOf(operation);
  const options = [
    ...(Object.keys(headers).length ? [`headers=${quoted(headers)}`] : []),
    ...(operation.body ? [`data=${quoted(operation.body.text)}`] : []),
    "timeout=60",
  ];
  const call = `requests.${operation.method.toLowerCase()}(\n    ${quoted(url)},\n    ${options.join(",\n    ")},\n)`;
  return `import requests\n\nanswer = ${call}\nanswer.raise_for_status()\nprint(answer.text)`;
}

function javascript(operation, url) {
  const headers = headersOf(operation);
  const options = {
    ...(operation.method === "GET" ? {} : { method: operation.method }),
    ...(Object.keys(headers).length ? { headers } : {}),
    ...(operation.body ? { body: operation.body.text } : {}),
  };
  const second = Object.keys(options).length ? `, ${JSON.stringify(options, null, 2)}` : "";
  return `const answer = await fetch(${quoted(url)}${second});\nconsole.log(answer.status, await answer.text());`;
}

/** Language to the function that writes a snippet of `(operation, url)`. */
export const LANGUAGES = { curl, Python: python, JavaScript: javascript };
