import type { Stats } from "node:fs";
import { basename, dirname } from "node:path";
import { concat, concatMap, defer, from, map, type Observable, of } from "rxjs";
import { checkpointStore } from "../../adapters/node/checkpointStore.js";
import { manifestEnding } from "../../storage/ManifestStore.js";
import type { Folders } from "../../adapters/node/Folders.js";
import { FileSink } from "../../adapters/node/FileSink.js";
import { manifestFile } from "../../adapters/node/manifestFile.js";
import { removeOld, setOldAside } from "../../adapters/node/oldPart.js";
import { ProvenFile } from "../../adapters/node/ProvenFile.js";
import { refuseForeignPart } from "../../adapters/node/refuseForeignPart.js";
import { regularFile } from "../../adapters/node/regularFile.js";
import { removeRemains } from "../../adapters/node/removeRemains.js";
import { sha256 as newHash } from "../../adapters/node/sha256.js";
import type { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import type { FileFacts } from "../../manifest/Manifest.js";
import { plainFile } from "../../manifest/plainFile.js";
import { claimsNothing } from "../../storage/claimsNothing.js";
import { keepingManifest } from "../../storage/keepingManifest.js";
import type { Target } from "../Assembly.js";
import { alreadyHere } from "../../discovery/beforeStart.js";
import type { Discovery } from "../../discovery/Discovery.js";
import type { OtherVersion } from "../../discovery/compareVersions.js";
import type { Doubts } from "../../discovery/Doubts.js";
import type { KnownFile } from "../../discovery/KnownFile.js";
import { fetchShort } from "./fetchShort.js";
import { fetchUnsized } from "./fetchUnsized.js";
import type { DownloadLock } from "./DownloadLock.js";
import { type Backpressure, meteredSink } from "./Backpressure.js";
import type { FileShare } from "../FileShare.js";
import { otherVersion } from "./otherVersion.js";
import { prepareTarget } from "./prepareTarget.js";

export interface OpenTargetConfig {
  readonly lock: DownloadLock;
  readonly overwrite: boolean;
  /** See `prepareTarget`. */
  readonly folder?: string | undefined;
  readonly folders: Folders;
  readonly backpressure: Backpressure;
  readonly discovery: Discovery;
  /** @default it is shared with nobody */
  readonly share?: FileShare | undefined;
  readonly doubts: Doubts;
  readonly onLocked: () => void;
}

/** Where the bytes of a file go; or that it was short, and is here. */
export function openTarget(path: string, known: KnownFile, config: OpenTargetConfig): Observable<Target> {
  const { folder = dirname(path), folders, backpressure } = config;
  const facts = { ...known.facts, name: basename(path) };
  return defer(() => {
    folders.sweep(path);
    return fetchShort(path, { ...known, facts }, { folder, folders, backpressure });
  }).pipe(
    concatMap((end) => {
      if ("events" in end) return of(end);
      return openLong(path, known, config).pipe(map((target) => ("sink" in target ? { ...target, ...end } : target)));
    }),
  );
}

/** Where the bytes of a file go, with what an earlier run left there, unless that is of another version; or that it is here already. */
function openLong(
  path: string,
  known: KnownFile,
  { lock, overwrite, folder, backpressure, discovery, doubts, share, onLocked }: OpenTargetConfig,
): Observable<Target> {
  const { mirrorFile, unsized } = known;
  // Events speak of the file on the disk, whatever the manifest calls it.
  const facts = { ...known.facts, name: basename(path) };
  return prepareTarget(path, known, { lock, overwrite, folder, teller: discovery, onLocked }).pipe(
    concatMap((done): Observable<Target> => {
      if (done && unsized === undefined) return of({ events: alreadyHere(facts) });
      if (done) return from(regularFile(path)).pipe(map((stats) => ({ events: alreadyHere(sized(facts, stats)) })));
      const mayWrite = refuseForeignPart(path, overwrite);
      if (unsized !== undefined) {
        return otherVersion(path, { mirrors: facts.mirrors ?? {} }, undefined).pipe(
          concatMap((other) => {
            if (other !== undefined) throw inDoubt(other);
            const events = fetchUnsized(path, facts, unsized, { discovery, overwrite, backpressure, lock });
            return concat(mayWrite, of({ events, hasPart: true }));
          }),
        );
      }
      const file = new FileSink(path, { overwrite });
      const sink = meteredSink(file, backpressure);
      const record = checkpointStore(`${path}.part.json`, facts);
      // The manifest keeps its own name for the file, which a peer chose for all.
      const manifests = manifestFile(path + manifestEnding);
      const onTrouble = (message: string): void => discovery.emit({ type: "notice", message });
      const store = keepingManifest({ progress: record, manifests, onTrouble }, known.facts);
      const progress = { ...store, clear: () => concat(store.clear(), removeOld(path)) };
      const notices = [keptCoded(known), share?.refusal].filter((notice) => notice !== undefined);
      const target = {
        manifest: facts,
        ...lock.guard({ sink, progress }),
        ...share?.grows(new ProvenFile(facts.name, file.reader())),
        ...(notices.length > 0 && { notices }),
      };
      const free = concat(
        mayWrite,
        removeRemains(
          path,
          (record) => record.root !== facts.root && record.mirrors !== undefined && claimsNothing(record),
        ),
      );
      if (mirrorFile === undefined) return concat(free, of(target));
      const judged = otherVersion(path, doubts.told(facts), mirrorFile).pipe(
        concatMap((other) => {
          if (other === undefined) return of(target);
          if (!doubts.confirms(other)) throw inDoubt(other);
          const news = `The file on the server is not the one that this download began with: ${other.why}. It is fetched anew; what is here of the old one stays as ${path}.part.old until it is whole`;
          return concat(setOldAside(path), of({ ...target, notices: [...notices, news] }));
        }),
      );
      return concat(free, judged);
    }),
  );

  /** The lock is let go, to be taken when the mirrors are asked again. */
  function inDoubt(other: OtherVersion): DownloadError {
    lock.leave();
    return doubts.raise(other, `${path}.part`);
  }
}

/** Facts of a file whose size nobody told, with the size of what is here. */
function sized({ name, whole }: FileFacts, stats: Stats | undefined): FileFacts {
  return plainFile({ name, size: stats?.size ?? 0, ...(whole && { whole }) }, newHash);
}

const codedNames = /\.(?:t?[gx]z|t?z|taz|svgz|br|t?zst|t?bz2?|tbz2|t?lz|lzma)$/i;

/** The notice that bytes are kept coded, where neither their name nor a digest says that they are meant to be. */
function keptCoded({ facts: { name, whole }, mirrorFile }: KnownFile): string | undefined {
  if (mirrorFile?.coding === undefined || whole !== undefined || codedNames.test(name)) return undefined;
  return `${name} is kept as its server stores it, which is coded, as it says: ${excerpt(mirrorFile.coding)}`;
}
