import { basename } from "node:path";
import { defer, map, type Observable, switchMap, tap } from "rxjs";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import { type DigestsOfFile, digestsOfFile } from "../adapters/node/digestsOfFile.js";
import { DownloadError } from "../errors/DownloadError.js";
import { chunkCount, digestOf } from "../manifest/chunks.js";
import type { HashType } from "../manifest/HashType.js";
import { toHex } from "../manifest/hex.js";
import { type Integrity, integrityOf, type Pieces } from "../manifest/Manifest.js";
import { sameBytes } from "../transfer/verifyChunk.js";
import { type FileSelection, selectFile, selectionShape } from "../discovery/selectFiles.js";
import { checkOptions, checkShape } from "../../operators/checkOptions.js";
import { aFunction, aText } from "../../operators/optionShapes.js";
import type { Address } from "../protocol/Address.js";
import { kindOfInput } from "./inputFile.js";
import { metalinkFiles, metalinkShapes, type MetalinkFilesOptions } from "./metalinkFiles.js";

/** How a file compares with what a metalink says of it. */
export interface Verification {
  readonly expected: MetalinkFile;
  /** Bytes that the file has. */
  readonly size: number;
  /** Digest of the whole file, in hex digits, by the function that the metalink has, or SHA-256. */
  readonly hash: NonNullable<MetalinkFile["hash"]>;
  /** Chunks whose digest differs, or that are not there whole; none when the metalink has no piece hashes. */
  readonly badChunks: readonly number[];
  /** True when it is the very file, as far as the hashes tell. */
  readonly matches: boolean;
  /** The proof that the hashes are: of each chunk, of the whole, or, where all are of weak functions, of no more than that there was no accident. */
  readonly integrity: Integrity;
}

export interface VerifyFileOptions extends MetalinkFilesOptions {
  /** The file of the metalink, by its name or its place from 1. @default the only one, or the one with the name of `file` */
  readonly select?: FileSelection | undefined;
  /** Called with the bytes that are hashed by now, after each MiB, and those that the file has. @default nobody is told */
  readonly onHashed?: ((bytes: number, size: number) => void) | undefined;
}

/**
 * Hashes `file` and compares it with the `.meta4` at a path or URL: size, each chunk if there are piece hashes, and the hash of
 * the whole if there is one. Emits once, also when they differ. Unsubscribing stops. Errors with `FILE_NOT_FOUND`, `LOCAL_IO` or
 * `INVALID_MANIFEST`, the last also when there is no hash to compare with.
 */
export function verifyFile(file: string, metalink: Address, options: VerifyFileOptions = {}): Observable<Verification> {
  checkOptions("verifyFile", options, { ...metalinkShapes, select: selectionShape, onHashed: aFunction });
  checkShape("file", file, aText("the path of a file"));
  const { select, onHashed, ...fetching } = options;
  return metalinkFiles(metalink, fetching).pipe(
    map((files) => selectFile(files, select, basename(file))),
    tap(checkHashes),
    switchMap((expected) =>
      defer(() => kindOfInput(file)).pipe(
        switchMap(() => {
          const pieces = digestedIn(expected);
          const chunks = pieces && { chunkSize: pieces.chunkSize, type: pieces.digestType };
          return digestsOfFile(file, { whole: wholeTypeOf(expected), chunks, onHashed });
        }),
        map((found) => compare(expected, found)),
      ),
    ),
  );
}

function checkHashes({ name, manifest, pieces, hash }: MetalinkFile): void {
  if (manifest !== undefined || pieces !== undefined || hash !== undefined) return;
  throw new DownloadError("INVALID_MANIFEST", `the metalink has no hash of ${JSON.stringify(name)} to compare with`);
}

function compare(expected: MetalinkFile, { size, whole, chunks }: DigestsOfFile): Verification {
  const hash = { type: wholeTypeOf(expected), hex: toHex(whole?.bytes ?? new Uint8Array()) };
  const pieces = digestedIn(expected);
  const badChunks = pieces === undefined || chunks === undefined ? [] : differingChunks(pieces, { size, ...chunks });
  const sameSize = size === (expected.size ?? size);
  const matches = sameSize && badChunks.length === 0 && hash.hex === (expected.hash?.hex ?? hash.hex);
  const integrity = integrityOf({ ...pieces, ...(whole && expected.hash && { whole }) });
  return { expected, size, hash, badChunks, matches, integrity };
}

const wholeTypeOf = ({ hash }: MetalinkFile): HashType => hash?.type ?? "sha-256";

function digestedIn({ manifest, pieces }: MetalinkFile): Pieces | undefined {
  return pieces ?? (manifest && { ...manifest, digestType: "sha-256" });
}

type Cut = Pick<Pieces, "size" | "chunkSize" | "digests">;

function differingChunks({ digestType, ...wanted }: Pieces, found: Cut): readonly number[] {
  const [theirs, ours] = [wanted, found].map((cut) => ({ ...cut, digestType })) as [Pieces, Pieces];
  return Array.from({ length: chunkCount(theirs) }, (_, index) => index).filter(
    (index) => index >= chunkCount(ours) || !sameBytes(digestOf(theirs, index), digestOf(ours, index)),
  );
}
