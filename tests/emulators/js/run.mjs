// node run.mjs SCENARIO: runs it against DATABASE_HOST and DATABASE_NAMESPACE and prints what it gives as JSON.
import { clientsOf } from "./client.mjs";
import { scenarios } from "./scenarios.mjs";

const connect = clientsOf(process.env.DATABASE_HOST, process.env.DATABASE_NAMESPACE);
const result = await scenarios[process.argv[2]](connect);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
