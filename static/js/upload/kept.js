// What is to be gone on with after the page has been loaded again: handles where the browser gives some, names in any
// case; never a file. Kept only until the upload is finished, and for whoever began it.

const DATABASE = "archive-uploads";
const UNFINISHED = "unfinished";

/** Keep `{receipt, user, startedAt, roots}`, where a root is `{name, kind, handle}`. */
export async function keep(record) {
  await attempt("readwrite", (store) => store.put(record));
}

export async function forget(receipt) {
  await attempt("readwrite", (store) => store.delete(receipt));
}

/** The upload that somebody did not finish last, or undefined. Those of others who used this browser are forgotten. */
export async function unfinished(user) {
  const records = (await attempt("readonly", (store) => store.getAll())) ?? [];
  for (const record of records.filter((one) => one.user !== user)) await forget(record.receipt);
  return records.filter((one) => one.user === user).sort((one, other) => other.startedAt - one.startedAt)[0];
}

/** What the request gives; undefined in browsers that keep nothing. */
async function attempt(mode, ask) {
  let database;
  try {
    database = await opened();
    return await answer(ask(database.transaction(UNFINISHED, mode).objectStore(UNFINISHED)));
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

function opened() {
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(UNFINISHED, { keyPath: "receipt" }));
  return answer(request);
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error));
  });
}
