// node roles.mjs: reads cases and a seed from stdin, prints what the npm client of each role may read and write.
import { get, ref, update } from "firebase/database";
import { readFileSync } from "node:fs";
import { clientsOf, refusal } from "./client.mjs";

const { DATABASE_HOST: host, DATABASE_NAMESPACE: namespace } = process.env;
const { roles, cases, seed } = JSON.parse(readFileSync(0, "utf8"));
const connect = clientsOf(host, namespace);
const owner = { method: "PUT", headers: { Authorization: "Bearer owner" }, body: JSON.stringify(seed) };
const found = { reads: {}, writes: {} };
for (const [role, user] of Object.entries(roles)) {
  const client = connect(user ?? undefined);
  for (const [name, { path, change }] of Object.entries(cases)) {
    await fetch(`http://${host}/.json?ns=${namespace}`, owner);
    const place = path ? client.at(path) : ref(client.db);
    if ((await refusal(get(place))) === "not refused") (found.reads[name] ??= []).push(role);
    if ((await refusal(update(ref(client.db), change))) === "not refused") (found.writes[name] ??= []).push(role);
  }
  await client.close();
}
process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
