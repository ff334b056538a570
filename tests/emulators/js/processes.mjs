// node processes.mjs dies|survives: clients that the test watches from outside. They print what they have reached.
import { onDisconnect, onValue, set } from "firebase/database";
import { clientsOf, until } from "./client.mjs";

const connect = clientsOf(process.env.DATABASE_HOST, process.env.DATABASE_NAMESPACE);
const say = (text) => process.stdout.write(`${text}\n`);
const connected = (client, wanted) => until(client.at(".info/connected"), (now) => now === wanted);

const roles = {
  /** Leaves a word for when it is gone, and waits to be killed. */
  async dies() {
    const client = connect();
    await set(client.at("free/alive"), true);
    await onDisconnect(client.at("free/alive")).set(false);
    say("ready");
    await new Promise(() => {});
  },

  /** Lives through the server's restart: its listener and a write made meanwhile. */
  async survives() {
    const client = connect();
    await set(client.at("free/before"), 1);
    const seen = [];
    onValue(client.at("free"), (snapshot) => seen.push(snapshot.val()));
    await until(client.at("free/before"), (value) => value === 1);
    say("ready");
    await connected(client, false);
    const pending = set(client.at("free/meanwhile"), 2);
    say("down");
    await pending;
    say("written");
    await until(client.at("free/after"), (value) => value === 3);
    say(JSON.stringify(seen.at(-1)));
    process.exit(0);
  },
};

await roles[process.argv[2]]();
