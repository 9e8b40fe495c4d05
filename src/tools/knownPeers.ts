import { asyncScheduler, concatMap, defer, from, type Observable, of } from "rxjs";
import { checkOptions, checkShape } from "../../operators/checkOptions.js";
import { aText } from "../../operators/optionShapes.js";
import { changeCatalogue, readCatalogue } from "../adapters/node/catalogueFile.js";
import { localError } from "../adapters/node/localError.js";
import { DownloadError } from "../errors/DownloadError.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import type { CatalogueContent } from "../storage/Catalogue.js";
import { decayed } from "../storage/decayed.js";
import type { SavedPeerRecord } from "../storage/SavedPeerRecord.js";
import { cataloguePath } from "../adapters/node/userCatalogue.js";

/** The catalogue that is meant. */
export interface CatalogueOptions {
  /** Path of its file. @default the one in the user's state folder */
  readonly catalogue?: string | undefined;
}

/** @throws TypeError for options that are none. */
export function catalogueIn(door: string, options: CatalogueOptions): CatalogueOptions {
  checkOptions(door, options, { catalogue: aText("the path of a file") });
  return options;
}

/** One peer, as this user's downloads know it. */
export interface KnownPeer {
  readonly peer: string;
  /** Requests that delivered and that failed; both decay, with a half-life of 14 days. */
  readonly ok: number;
  readonly failed: number;
  /** The share of `ok` in both, from 0 to 1; absent when nothing was decided yet. */
  readonly successRate?: number;
  /** Goodput, bytes a second; absent until measured. */
  readonly bytesPerSecond?: number;
  readonly roundTripMs?: number;
  /** `quarantined`: it could not be trusted the last time. The next download asks it all the same, but trusts no one unchecked. */
  readonly state: "ok" | "blacklisted" | "quarantined";
  /** Wall time, ms since the epoch. */
  readonly blacklistedUntil?: number;
  /** Code of the failure behind its state. */
  readonly why?: DownloadErrorCode;
  /** Wall time, ms since the epoch. */
  readonly heardAt: number;
}

/**
 * Every peer that downloads of this user learned of, the one heard last first, one emission each; changes nothing. Errors with
 * `LOCAL_IO` when the catalogue cannot be read or is damaged.
 */
export function knownPeers(options: CatalogueOptions = {}): Observable<KnownPeer> {
  const { catalogue } = catalogueIn("knownPeers", options);
  return contentOf(catalogue).pipe(
    concatMap(({ peers }) => {
      const now = asyncScheduler.now();
      const known = Object.entries(peers).map(([peer, record]) => knownPeer(peer, record, now));
      return from(known.toSorted((a, b) => b.heardAt - a.heardAt));
    }),
  );
}

/**
 * Forgets one peer, or all of them; emits how many it knew. Totals stay. Errors with `LOCAL_IO`, also when another process does
 * not let go of the catalogue.
 */
export function forgetPeers(
  which: { readonly peer: string } | "all",
  options: CatalogueOptions = {},
): Observable<number> {
  checkShape("which", which, {
    must: '"all", or { peer } with the name of one',
    fits: (value) => value === "all" || aText("").fits((Object(value) as { readonly peer?: unknown }).peer),
  });
  const path = cataloguePath(catalogueIn("forgetPeers", options).catalogue);
  const isMeant = (id: string): boolean => which === "all" || id === which.peer;
  return contentOf(path).pipe(
    concatMap(({ peers }) => {
      const meant = Object.keys(peers).filter(isMeant);
      if (meant.length === 0) return of(0);
      const without = (known: CatalogueContent): CatalogueContent => ({
        ...known,
        peers: Object.fromEntries(Object.entries(known.peers).filter(([id]) => !isMeant(id))),
      });
      return defer(() => changeCatalogue(path, without)).pipe(concatMap(() => of(meant.length)));
    }),
  );
}

/** The content of the catalogue. Errors with `LOCAL_IO`. */
export function contentOf(named: string | undefined): Observable<CatalogueContent> {
  return defer(async () => {
    const path = cataloguePath(named);
    const found = await readCatalogue(path).catch((cause: unknown) => {
      throw localError("read", path, cause);
    });
    if (!("damage" in found)) return found;
    const text = `${path} is no catalogue: ${found.damage}; the next download sets it aside`;
    throw new DownloadError("LOCAL_IO", text);
  });
}

function knownPeer(peer: string, record: SavedPeerRecord, now: number): KnownPeer {
  const { heardAt = 0, bytesPerSecond, roundTripMs, blacklistedUntil = 0, blacklistedFor, quarantinedFor } = record;
  const { ok, failed } = decayed(record, now - heardAt);
  const blacklisted = blacklistedUntil > now;
  const why = blacklisted ? blacklistedFor : quarantinedFor;
  return {
    ...{ peer, ok, failed },
    ...(ok + failed > 0 && { successRate: ok / (ok + failed) }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    ...(roundTripMs !== undefined && { roundTripMs }),
    state: blacklisted ? "blacklisted" : quarantinedFor === undefined ? "ok" : "quarantined",
    ...(blacklisted && { blacklistedUntil }),
    ...(why !== undefined && { why }),
    heardAt,
  };
}
