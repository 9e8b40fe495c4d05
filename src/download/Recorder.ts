import type { Observable } from "rxjs";
import { concat, concatMap, defer, EMPTY, ignoreElements, of, tap, throwError } from "rxjs";
import { DownloadError } from "../errors/DownloadError.js";
import type { Checkpoint } from "../storage/Checkpoint.js";
import type { Doubt } from "../storage/ChunkSink.js";
import { doubtOf } from "../storage/doubtOf.js";
import { provable } from "../storage/provable.js";
import type { RunOutcome } from "../storage/Totals.js";
import { runSummary } from "./Account.js";
import type { DownloadRun } from "./DownloadRun.js";
import type { Restored } from "./restore.js";
import type { Trust } from "./Trust.js";

/** Records what a run may claim: its progress in the checkpoint, its peers in the catalogue. */
export class Recorder {
  readonly #run: DownloadRun;
  readonly #restored: Pick<Restored, "memory" | "catalogue">;

  constructor(run: DownloadRun, restored: Pick<Restored, "memory" | "catalogue">) {
    this.#run = run;
    this.#restored = restored;
  }

  get trust(): Trust {
    return this.#run.trust;
  }

  /**
   * Syncs the bytes, then saves the record that claims them; a clean record also has their stamp. When somebody else was at the bytes,
   * the record claims what may still be claimed; as long as the file may be another one than is wanted, nothing.
   *
   * @throws DownloadError `LOCAL_IO` when that is nothing, unless it is the end anyway.
   */
  save(clean: boolean): Observable<never> {
    return defer(() => {
      const { parts, progress, ledger, isAgreed } = this.#run;
      if (clean && !isAgreed) this.#run.forget();
      const done = isAgreed ? ledger.done : 0;
      // Claims of the record are drawn up after its bytes were written, and before they are synced.
      const drawnUp = defer(() => of(this.#checkpoint()));
      const synced = (checkpoint: Checkpoint): Observable<never> =>
        parts.sink
          .sync()
          .pipe(
            concatMap((cleanStamp) =>
              concat(this.listen(), this.#claim({ ...checkpoint, ...(clean && { cleanStamp }) })),
            ),
          );
      const told = defer(() => {
        if (this.trust.state !== "lost") this.#run.emit({ type: "checkpoint-saved", done });
        return clean ? EMPTY : this.assured();
      });
      return concat(concat(progress.flush(), drawnUp).pipe(concatMap(synced)), told);
    });
  }

  /** Asks the sink whether anybody else was at the bytes. */
  listen(): Observable<never> {
    return doubtOf(this.#run.parts.sink).pipe(
      tap((doubt) => this.hear(doubt)),
      ignoreElements(),
    );
  }

  /** Takes in a doubt, and tells it if it is new. */
  hear(doubt: Doubt | undefined): void {
    const message = this.trust.hear(doubt);
    if (message === undefined) return;
    this.#run.tellProven();
    this.#run.notice(message);
  }

  /** @throws DownloadError `LOCAL_IO` when the place is somebody else's, so that nothing of what is here counts any more. */
  assured(): Observable<never> {
    return defer(() => {
      const { state, complaint } = this.trust;
      return state === "lost" ? throwError(() => new DownloadError("LOCAL_IO", complaint)) : EMPTY;
    });
  }

  /** Leaves what this run learned to later downloads. Emits what the user should know of it, if anything. */
  recordRun(outcome: RunOutcome): Observable<string> {
    return defer(() => {
      const { memory, catalogue } = this.#restored;
      const { ledger, clock, peerRecords } = this.#run;
      if (catalogue === undefined) return EMPTY;
      const run = runSummary(ledger.account(), outcome, clock.toWall(clock.now()));
      return catalogue.record({ peers: memory.delta(peerRecords), run });
    });
  }

  #checkpoint(): Checkpoint {
    const { progress, clock, peerRecords, isAgreed } = this.#run;
    const peers = this.#restored.memory.ofThisDownload(peerRecords);
    const checkpoint = progress.checkpoint(peers, clock.toWall(clock.now()));
    return isAgreed ? checkpoint : { ...checkpoint, complete: checkpoint.complete.map(() => 0), frontiers: {} };
  }

  #claim({ cleanStamp, ...checkpoint }: Checkpoint): Observable<never> {
    return defer(() => {
      const { progress: store, manifest } = this.#run.parts;
      switch (this.trust.state) {
        case "whole":
          return store.save({ ...checkpoint, ...(cleanStamp !== undefined && { cleanStamp }) });
        case "shaken":
          return store.save(manifest.digests === undefined ? provable(checkpoint) : checkpoint);
        case "lost":
          this.#run.forget();
          return store.clear();
      }
    });
  }
}
