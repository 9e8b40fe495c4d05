import type { Observable } from "rxjs";
import type { SavedPeerRecord } from "./SavedPeerRecord.js";
import type { RunSummary, Totals } from "./Totals.js";

/** Knowledge of all downloads together. */
export interface CatalogueContent {
  /** Records by peer id; each as it was when the peer was heard last. */
  readonly peers: Readonly<Record<string, SavedPeerRecord>>;
  readonly totals: Totals;
}

export interface LoadedCatalogue extends CatalogueContent {
  /** Line that the user should read, such as that a damaged catalogue was set aside. */
  readonly notice?: string;
}

/** The difference that one run makes. */
export interface CatalogueDelta {
  /** Records of the peers that the run heard: each as it is now, but `ok` and `failed` only what this run adds to what it loaded. */
  readonly peers: Readonly<Record<string, SavedPeerRecord>>;
  readonly run: RunSummary;
}

/**
 * Memory that downloads leave to later ones: how peers served, and totals. Every method is lazy, works once a subscription, and runs
 * to its end even if unsubscribed. Errors are `DownloadError`s; a download goes on without.
 */
export interface Catalogue {
  /** One emission: all that is known; nothing, if nothing is. */
  load(): Observable<LoadedCatalogue>;
  /** Adds to what is known, whoever else adds meanwhile. Emits what the user should know of it, if anything. */
  record(delta: CatalogueDelta): Observable<string>;
}
