import { checkOptions, checkShape, type OptionShape, type OptionShapes } from "../../operators/checkOptions.js";
import { aFunction, anObservable, aScheduler, aSwitch } from "../../operators/optionShapes.js";
import type { DownloadParts } from "./DownloadConfig.js";

/** A thing with these methods. */
const aPort = (must: string, ...methods: readonly string[]): OptionShape => ({
  must,
  fits: (value) => {
    const port = Object(value) as Readonly<Record<string, unknown>>;
    return methods.every((method) => aFunction.fits(port[method]));
  },
});

const isThing = (value: unknown): boolean => (typeof value === "object" && value !== null) || aFunction.fits(value);

const shapes: OptionShapes<DownloadParts> = {
  manifest: {
    must: "the manifest of a file, or { name, size, ... }",
    fits: (value) => typeof value === "object" && value !== null && "name" in value && "size" in value,
  },
  peers: anObservable("lists of peers"),
  sink: aPort("a sink, such as memorySink() or new FileSink(path)", "open", "write", "read", "sync", "finish", "close"),
  progress: aPort("a progress store, such as memoryProgress() or checkpointStore(path, manifest)", "load", "save"),
  digest: { must: "a function that makes hashers, such as sha256", fits: aFunction.fits },
  crc32: aFunction,
  hashes: aFunction,
  onReceived: aFunction,
  onProven: aFunction,
  catalogue: aPort("a catalogue, such as memoryCatalogue() or catalogueFile(path)", "load", "record"),
  paused: anObservable("true and false"),
  online: anObservable("true and false"),
  agreement: { must: "an agreement of peers", fits: isThing },
  stillHas: { must: "a look at what came first", fits: isThing },
  scheduler: aScheduler,
  looksForPeers: aSwitch,
  random: aFunction,
};

const needed = ["manifest", "peers", "sink", "progress", "digest"] as const;

/** Holds the parts of a download to their names and shapes. Throws a TypeError that names the first one that is wrong or missing. */
export function checkParts(parts: DownloadParts): void {
  checkOptions("download", parts, shapes);
  for (const name of needed) checkShape(name, parts[name], shapes[name]);
}
