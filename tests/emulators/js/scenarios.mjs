// What users of the JavaScript client do. Each scenario takes `connect` and gives what it saw; the test compares.
import * as rtdb from "firebase/database";
import { keysOf, refusal, until } from "./client.mjs";

const { child, get, increment, limitToFirst, limitToLast, onChildAdded, onChildChanged, onChildMoved, onChildRemoved } =
  rtdb;
const { onDisconnect, onValue, orderByChild, orderByKey, orderByPriority, orderByValue, push, query, remove } = rtdb;
const { endAt, endBefore, equalTo, goOffline, goOnline, runTransaction, serverTimestamp, set, setPriority } = rtdb;
const { setWithPriority, startAfter, startAt, update } = rtdb;

async function values(connect) {
  const [writer, reader] = [connect(), connect()];
  const seen = [];
  const settled = new Promise((resolve) => {
    onValue(reader.at("free/values"), (snapshot) => {
      seen.push(snapshot.val());
      if (seen.at(-1)?.done) resolve();
    });
  });
  await until(reader.at("free/values"), () => true);
  await set(writer.at("free/values"), { text: "é😀\u0001", n: 1.5, yes: true, list: ["a", "b"], empty: {}, none: null });
  await update(writer.at("free/values"), { n: 2, "deep/er": "x", yes: null });
  await remove(writer.at("free/values/list"));
  await set(child(writer.at("free/values"), "done"), true);
  await settled;
  const pushed = await push(writer.at("free/pushed"), { a: 1 });
  return {
    seen,
    got: (await get(reader.at("free/values"))).val(),
    pushed: (await get(reader.at(`free/pushed/${pushed.key}`))).val(),
    length: pushed.key.length,
  };
}

const PEOPLE = {
  ada: { age: 36, info: { city: "London" } },
  bob: { age: 7, info: { city: "Rome" } },
  cid: { age: 36, info: { city: "Athens" } },
  dan: { age: "old" },
  eve: { info: { city: "Rome" } },
  10: { age: true },
  9: { age: 50 },
};
const QUERIES = [
  ["by key", orderByKey()],
  ["keys from, before", orderByKey(), startAt("9"), endBefore("cid")],
  ["keys after, to", orderByKey(), startAfter("10"), endAt("bob")],
  ["first keys", orderByKey(), limitToFirst(3)],
  ["last keys", orderByKey(), limitToLast(2)],
  ["by child", orderByChild("age")],
  ["child equal", orderByChild("age"), equalTo(36)],
  ["child equal with key", orderByChild("age"), equalTo(36, "cid")],
  ["child from", orderByChild("age"), startAt(36)],
  ["child after", orderByChild("age"), startAfter(36)],
  ["child from with key", orderByChild("age"), startAt(36, "b")],
  ["child to", orderByChild("age"), endAt(36)],
  ["child before", orderByChild("age"), endBefore(36)],
  ["child between, last", orderByChild("age"), startAt(7), endAt(50), limitToLast(2)],
  ["deep child", orderByChild("info/city"), equalTo("Rome")],
  ["unindexed child", orderByChild("info/street"), limitToFirst(2)],
  ["by value", orderByValue(), limitToFirst(1)],
  ["by priority", orderByPriority(), limitToLast(1)],
  ["default order", limitToFirst(2)],
];

async function queries(connect) {
  const { at, db } = connect();
  await set(at("free/people"), PEOPLE);
  const found = {};
  for (const [name, ...constraints] of QUERIES) {
    const asked = query(at("free/people"), ...constraints);
    found[name] = await new Promise((resolve, reject) => {
      const stop = onValue(asked, (snapshot) => (queueMicrotask(() => stop()), resolve(keysOf(snapshot))), reject);
    });
  }
  goOffline(db);
  goOnline(db); // nothing is cached now: these are asked of the server
  const got = {};
  for (const [name, ...constraints] of QUERIES) {
    got[name] = await get(query(at("free/people"), ...constraints)).then(keysOf, (error) => error.message);
  }
  return { found, got };
}

async function childEvents(connect) {
  const [writer, reader] = [connect(), connect()];
  const place = writer.at("free/scores");
  await set(place, { a: { n: 1 }, b: { n: 2 }, c: { n: 3 } });
  const events = [];
  const window = query(reader.at("free/scores"), orderByChild("n"), limitToFirst(2));
  const note = (kind) => (snapshot, before) => events.push([kind, snapshot.key, snapshot.val()?.n, before ?? null]);
  onChildAdded(window, note("added"));
  onChildChanged(window, note("changed"));
  onChildMoved(window, note("moved"));
  onChildRemoved(window, note("removed"));
  await until(window, (value) => value !== null);
  await update(place, { "b/n": 0 });
  await set(child(place, "d"), { n: 0.5 });
  await remove(child(place, "b"));
  await set(child(place, "a/n"), 9);
  await until(window, (value) => value?.c && value.d);
  return events;
}

async function transactions(connect) {
  const clients = [connect(), connect()];
  const add = (client) => runTransaction(client.at("free/count"), (present) => (present ?? 0) + 1);
  await Promise.all(clients.flatMap((client) => Array.from({ length: 20 }, () => add(client))));
  const aborted = await runTransaction(clients[0].at("free/count"), () => undefined);
  const counted = (await get(clients[1].at("free/count"))).val();
  await set(clients[0].at("free/stock"), { left: 1, ".priority": 5 });
  const take = (client) =>
    runTransaction(client.at("free/stock"), (stock) => {
      if (stock === null) return null;
      if (stock.left === 0) return undefined;
      return { left: stock.left - 1, taken: (stock.taken ?? 0) + 1 };
    });
  const taken = await Promise.all(clients.map(take));
  return {
    counted,
    aborted: [aborted.committed, aborted.snapshot.val()],
    committed: taken.map((result) => result.committed).sort(),
    stock: (await get(clients[0].at("free/stock"))).val(),
    denied: await refusal(runTransaction(clients[0].at("closed"), () => 1)),
  };
}

async function presence(connect) {
  const [leaving, staying] = [connect(), connect()];
  await until(leaving.at(".info/connected"), (connected) => connected === true);
  const offset = await until(leaving.at(".info/serverTimeOffset"), () => true);
  await set(leaving.at("free/status"), { online: true, note: "hi", kept: 1 });
  await onDisconnect(leaving.at("free/status/online")).set(false);
  await onDisconnect(leaving.at("free/status")).update({ last: serverTimestamp(), kept: 2 });
  await onDisconnect(leaving.at("free/status/note")).remove();
  await onDisconnect(leaving.at("free/status/kept")).cancel();
  const denied = await refusal(onDisconnect(leaving.at("closed")).set(1));
  goOffline(leaving.db);
  const left = await until(staying.at("free/status"), (status) => status?.online === false && status.last && !status.note);
  const offline = await until(leaving.at(".info/connected"), (connected) => connected === false);
  goOnline(leaving.db);
  await until(leaving.at(".info/connected"), (connected) => connected === true);
  await set(leaving.at("free/status/online"), true);
  const back = await until(staying.at("free/status"), (status) => status?.online === true);
  const near = Math.abs(left.last - Date.now()) < 3_600_000 && Math.abs(offset) < 3_600_000;
  return { denied, offline, left: { ...left, last: near }, back: back.online };
}

async function rules(connect) {
  const [nobody, ada] = [connect(), connect({ sub: "ada", staff: true })];
  const mine = "users/ada/name";
  return {
    written: await set(ada.at(mine), "Ada").then(() => "ok"),
    read: (await get(ada.at(mine))).val(),
    strangerWrites: await refusal(set(nobody.at(mine), "Eve")),
    strangerReads: await refusal(get(nobody.at(mine))),
    strangerListens: await refusal(until(nobody.at(mine), () => true)),
    claim: (await get(ada.at("staff"))).val(),
    invalid: await refusal(set(ada.at("users/ada/age"), "old")),
    update: await refusal(update(ada.at("users"), { "ada/name": "x", "bob/name": "y" })),
    after: (await get(ada.at(mine))).val(),
  };
}

async function revoked(connect) {
  const { at } = connect();
  await set(at("free/open"), true);
  const ended = new Promise((resolve) => {
    onValue(at("gate"), () => {}, (error) => resolve(error.code ?? error.message));
  });
  await until(at("gate"), () => true);
  await set(at("free/open"), false);
  return ended;
}

async function priorities(connect) {
  const [writer, reader] = [connect(), connect()];
  await setWithPriority(writer.at("free/p/a"), "first", 2);
  await setWithPriority(writer.at("free/p/b"), { x: 1 }, "z");
  await set(writer.at("free/p/c"), "none");
  await setPriority(writer.at("free/p/a"), 3);
  const snapshot = await get(query(reader.at("free/p"), orderByPriority()));
  const later = await get(query(reader.at("free/p"), orderByPriority(), startAt(3)));
  return { keys: keysOf(snapshot), exported: snapshot.exportVal(), later: keysOf(later) };
}

async function longValues(connect) {
  const [writer, reader] = [connect(), connect()];
  const long = "é😀x".repeat(100_000);
  const seen = until(reader.at("free/long"), (value) => value !== null);
  await set(writer.at("free/long"), { long });
  return (await seen).long === long;
}

async function serverValues(connect) {
  const { at } = connect();
  await set(at("free/sv"), { n: 1, at: serverTimestamp() });
  await update(at("free/sv"), { n: increment(4), m: increment(-2) });
  const { n, m, at: time } = (await get(at("free/sv"))).val();
  return { n, m, near: Math.abs(time - Date.now()) < 3_600_000 };
}

async function offlineWrites(connect) {
  const [away, other] = [connect(), connect()];
  await set(away.at("free/away"), { a: 1 });
  const seen = [];
  onValue(away.at("free/away"), (snapshot) => seen.push(snapshot.val()));
  await until(away.at("free/away"), (value) => value?.a === 1);
  goOffline(away.db);
  const pending = [set(away.at("free/away/b"), 2), update(away.at("free/away"), { a: increment(10) })];
  await update(other.at("free/away"), { c: 3 });
  goOnline(away.db);
  await Promise.all(pending);
  const after = await until(away.at("free/away"), (value) => value?.c === 3);
  return { after, elsewhere: (await get(other.at("free/away"))).val(), first: seen[0] };
}

export const scenarios = {
  values,
  queries,
  childEvents,
  transactions,
  presence,
  rules,
  revoked,
  priorities,
  longValues,
  serverValues,
  offlineWrites,
};
