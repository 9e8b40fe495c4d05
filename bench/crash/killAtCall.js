/**
 * Loaded before a program of Node (`--import`): counts its calls that change the disk, by kinds, in all of its threads, and has it
 * end by SIGKILL at one of them. `CRASH_AT` says at which one, as JSON: `{ "kind", "nth", "moment" }`, the moment being `before`,
 * `after`, or `half` way through a write. `CRASH_COUNTS` is a file for the counts of a program that comes to its end.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import process from "node:process";
import { fileURLToPath } from "node:url";
import threads from "node:worker_threads";

/** Calls of each kind: of `node:fs`, of `node:fs/promises`, and of an open file. */
const kinds = {
  rename: { sync: ["renameSync"], later: ["rename"], ofFile: [] },
  link: { sync: ["linkSync"], later: ["link"], ofFile: [] },
  unlink: { sync: ["unlinkSync", "rmSync"], later: ["unlink", "rm"], ofFile: [] },
  fsync: { sync: ["fsyncSync", "fdatasyncSync"], later: [], ofFile: ["sync", "datasync"] },
  ftruncate: { sync: ["ftruncateSync"], later: [], ofFile: ["truncate"] },
  write: { sync: ["writeSync"], later: [], ofFile: ["write"] },
};
/** @typedef {keyof typeof kinds} Kind */
/** @typedef {(this: unknown, ...words: unknown[]) => unknown} Call */

const names = /** @type {readonly Kind[]} */ (Object.keys(kinds));
/** @typedef {{ readonly kind?: Kind, readonly nth?: number, readonly moment?: "before" | "after" | "half" }} Point */
/** @type {(json: string) => unknown} */
const parse = JSON.parse;
const at = /** @type {Point} */ (parse(process.env["CRASH_AT"] ?? "{}"));
const counts = countsOfAllThreads();

/** @returns {Int32Array} */
function countsOfAllThreads() {
  const known = /** @type {unknown} */ (threads.getEnvironmentData("crash-counts"));
  if (known instanceof Int32Array) return known;
  const made = new Int32Array(new SharedArrayBuffer(4 * names.length));
  threads.setEnvironmentData("crash-counts", /** @type {any} */ (made));
  return made;
}

/** Nothing of the process goes on from here. */
function die() {
  process.kill(process.pid, "SIGKILL");
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/**
 * The same call, counted, and the last one of the process if it is the one.
 *
 * @type {(kind: Kind, call: Call) => Call}
 */
const watched = (kind, call) =>
  function (...words) {
    // What is printed is no change of the disk.
    if (typeof words[0] === "number" && words[0] <= 2) return call.apply(this, words);
    const count = Atomics.add(counts, names.indexOf(kind), 1) + 1;
    if (kind !== at.kind || count !== at.nth) return call.apply(this, words);
    if (at.moment === "before") die();
    const answer = call.apply(this, at.moment === "half" ? halfOf(words) : words);
    if (answer instanceof Promise) return answer.finally(die);
    die();
  };

/** @type {(words: unknown[]) => unknown[]} */
const halfOf = (words) => {
  const length = typeof words[0] === "number" ? 3 : 2;
  return words.map((word, place) => (place === length ? Math.floor(Number(word) / 2) : word));
};

/** @type {(home: object, name: string) => unknown} */
const get = Reflect.get;

/** @type {(home: object, kind: Kind, methods: readonly string[]) => void} */
const watch = (home, kind, methods) => {
  for (const method of methods) {
    const call = /** @type {Call} */ (get(home, method));
    Reflect.set(home, method, watched(kind, call));
  }
};

const opened = await fs.promises.open(fileURLToPath(import.meta.url));
const file = /** @type {object} */ (Reflect.getPrototypeOf(opened));
await opened.close();
for (const kind of names) {
  watch(fs, kind, kinds[kind].sync);
  watch(fs.promises, kind, kinds[kind].later);
  watch(file, kind, kinds[kind].ofFile);
}

// A thread of a program's own text asks for none of the flags of its process, and is watched all the same.
threads.Worker = class extends threads.Worker {
  /** @type {(program: string | URL, options?: import("node:worker_threads").WorkerOptions) => void} */
  constructor(program, options = {}) {
    const isText = options.eval === true && typeof program === "string";
    super(isText ? `import(${JSON.stringify(import.meta.url)}).then(() => {${program}\n})` : program, options);
  }
};
syncBuiltinESMExports();

const { CRASH_COUNTS: report } = process.env;
if (report !== undefined && threads.isMainThread) {
  process.on("exit", () => {
    fs.writeFileSync(report, JSON.stringify(Object.fromEntries(names.map((kind, index) => [kind, counts[index]]))));
  });
}
