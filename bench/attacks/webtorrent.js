/**
 * WebTorrent as a program: `node webtorrent.js MODULES ORIGINAL FOLDER NAME URL...` makes a torrent of the original and gets it into the folder
 * from these servers alone (web seeds, BEP 19): no tracker, no DHT. MODULES is the folder in whose `node_modules` it is installed.
 */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/** @typedef {{ on(event: string, hear: (error: Error) => void): void }} Emitter */
/** @typedef {Emitter & { add(torrent: Uint8Array, options: object, added: (torrent: Emitter) => void): void, destroy(done: () => void): void }} Client */
/** @typedef {new (options: object) => Client} WebTorrent */
/** @typedef {(path: string, options: object, made: (error: Error | null, torrent: Uint8Array) => void) => void} CreateTorrent */

const [modules = "", original = "", folder = "", name = "", ...urls] = process.argv.slice(2);

/** @type {(name: string) => Promise<unknown>} */
const load = async (name) => {
  const loaded = /** @type {unknown} */ (
    await import(pathToFileURL(join(modules, "node_modules", name, "index.js")).href)
  );
  return /** @type {{ default: unknown }} */ (loaded).default;
};
const createTorrent = /** @type {CreateTorrent} */ (await load("create-torrent"));
const Peer = /** @type {WebTorrent} */ (await load("webtorrent"));

const client = new Peer({ dht: false, tracker: false, lsd: false, utPex: false, natUpnp: false, natPmp: false });
client.on("error", fail);
createTorrent(original, { name, urlList: urls, announceList: [], createdBy: "bench" }, (error, torrent) => {
  if (error) fail(error);
  client.add(torrent, { path: folder, announce: [] }, (added) => {
    added.on("done", () => client.destroy(() => process.exit(0)));
  });
});

/** @type {(error: Error) => void} */
function fail({ message }) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
