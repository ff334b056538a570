// The JavaScript client as its users use it, and words to wait for what they would see. Runs in Node and in browsers.
import { deleteApp, initializeApp } from "firebase/app";
import * as rtdb from "firebase/database";

let made = 0;

/** Clients of the emulator at `host` ("HOST:PORT") and of its database `namespace`. */
export function clientsOf(host, namespace) {
  const [name, port] = host.split(":");
  /** A client with a connection of its own; `user` holds a mock user's claims, or is undefined for nobody. */
  return function connect(user) {
    const app = initializeApp({ databaseURL: `https://${namespace}.firebaseio.com` }, `app${made++}`);
    const db = rtdb.getDatabase(app);
    rtdb.connectDatabaseEmulator(db, name, Number(port), user ? { mockUserToken: user } : {});
    return { db, close: () => deleteApp(app), at: (path) => rtdb.ref(db, path) };
  };
}

/** The first value for which `wanted` holds, of those a listener at `place` is told. */
export function until(place, wanted) {
  return new Promise((resolve, reject) => {
    const stop = rtdb.onValue(
      place,
      (snapshot) => {
        if (wanted(snapshot.val())) {
          queueMicrotask(() => stop());
          resolve(snapshot.val());
        }
      },
      reject,
    );
  });
}

/** What a promise was refused with, as the client's users see it. */
export async function refusal(promise) {
  try {
    await promise;
    return "not refused";
  } catch (error) {
    return error.code ?? error.message;
  }
}

/** All keys that a query's snapshot lists, in its order. */
export function keysOf(snapshot) {
  const keys = [];
  snapshot.forEach((child) => {
    keys.push(child.key);
  });
  return keys;
}
