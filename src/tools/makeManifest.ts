import { basename } from "node:path";
import { defer, map, type Observable, switchMap } from "rxjs";
import { checkOptions, checkShape, type OptionShapes } from "../../operators/checkOptions.js";
import { aFunction, anyNumber, aText } from "../../operators/optionShapes.js";
import { type Address, addressText } from "../protocol/Address.js";
import { isSpoken } from "../adapters/metalink/metalinkSchema.js";
import { writeMetalink } from "../adapters/metalink/writeMetalink.js";
import { digestsOfFile } from "../adapters/node/digestsOfFile.js";
import { sha256 } from "../adapters/node/sha256.js";
import type { ManifestOfFileOptions } from "../adapters/node/manifestOfFile.js";
import { printableUrl } from "../errors/printableUrl.js";
import { toHex } from "../manifest/hex.js";
import type { Manifest } from "../manifest/Manifest.js";
import { manifestRoot } from "../manifest/root.js";
import { kindOfInput } from "./inputFile.js";

export interface MakeManifestOptions extends ManifestOfFileOptions {
  /** Where the file can be had, the best place first. @default none */
  readonly urls?: readonly Address[] | undefined;
  /** Called with the bytes that are hashed by now, after each MiB, and those that the file has. @default nobody is told */
  readonly onHashed?: ((bytes: number, size: number) => void) | undefined;
}

const shapes: OptionShapes<MakeManifestOptions> = {
  name: aText("the name of a file"),
  chunkSize: anyNumber,
  onHashed: aFunction,
  urls: {
    must: "a list of addresses",
    fits: (value) => Array.isArray(value) && value.every((url) => typeof url === "string" || url instanceof URL),
  },
};

/** A manifest, and the same as a Metalink 4 document, which also has the hash of the whole file. */
export interface MadeManifest {
  readonly manifest: Manifest;
  readonly metalink: string;
}

/**
 * Hashes a file. Emits once; unsubscribing stops. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or `RESOURCE_CHANGED`.
 *
 * @throws TypeError at the call for an address that whoever reads the manifest would pass over.
 */
export function makeManifest(file: string, options: MakeManifestOptions = {}): Observable<MadeManifest> {
  checkOptions("makeManifest", options, shapes);
  checkShape("file", file, aText("the path of a file"));
  const { name = basename(file), chunkSize, onHashed } = options;
  const urls = (options.urls ?? []).map(addressText);
  const wrong = urls.find((url) => !isSpoken(url));
  if (wrong !== undefined) {
    throw new TypeError(
      `${JSON.stringify(printableUrl(wrong))} is no address; it must be a ws://, wss://, http:// or https:// URL`,
    );
  }
  return defer(() => kindOfInput(file)).pipe(
    switchMap(() => digestsOfFile(file, { whole: "sha-256", chunks: { chunkSize, type: "sha-256" }, onHashed })),
    map(({ size, whole, chunks }) => {
      const cut = { size, chunkSize: chunks?.chunkSize ?? size, digests: chunks?.digests ?? new Uint8Array() };
      const manifest = { root: manifestRoot(cut, sha256), name, ...cut };
      return { manifest, metalink: writeMetalink(manifest, urls, whole && toHex(whole.bytes)) };
    }),
  );
}
