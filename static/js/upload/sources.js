// Files that people choose or drop, one after the other as `{path, file}`, folders in the order of names. What cannot be
// had, because it is gone or may not be opened, has null for a file.

/** What an `<input type="file">` has. */
export async function* fromInput(files) {
  const sorted = [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
  yield* sorted.sort(byPath);
}

/** Handles of files and folders (File System API). */
export async function* fromHandles(handles, folder = "") {
  for (const handle of handles) {
    const path = folder + handle.name;
    const found = await attempt(() => (handle.kind === "file" ? handle.getFile() : sorted(handle.values())));
    if (Array.isArray(found)) yield* fromHandles(found, `${path}/`); else yield { path, file: found };
  }
}

/** Entries of a drop (File and Directory Entries API), in browsers that give no handles. */
export async function* fromEntries(entries, folder = "") {
  for (const entry of entries) {
    const path = folder + entry.name;
    const found = await attempt(() => (entry.isFile ? fileOf(entry) : sorted(listing(entry))));
    if (Array.isArray(found)) yield* fromEntries(found, `${path}/`); else yield { path, file: found };
  }
}

/** What was dropped: handles where the browser gives some, else entries. To be called before the event is over. */
export async function dropped(transfer) {
  const items = [...transfer.items].filter((item) => item.kind === "file");
  const entries = items.map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const asked = items.map((item) => item.getAsFileSystemHandle?.());
  const handles = (await Promise.all(asked)).filter(Boolean);
  return handles.length === items.length ? { handles } : { entries };
}

async function attempt(look) {
  try {
    return await look();
  } catch {
    return null;
  }
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function* listing(entry) {
  const reader = entry.createReader();
  for (;;) {
    // A hundred at a time, until there are none.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    yield* some;
  }
}

async function sorted(items) {
  const found = [];
  for await (const item of items) found.push(item);
  return found.sort((one, other) => compare(one.name, other.name));
}

const byPath = (one, other) => compare(one.path, other.path);
const { compare } = new Intl.Collator("en", { numeric: true });
