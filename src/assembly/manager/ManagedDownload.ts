import { DownloadDetail } from "../../control/DownloadDetail.js";
import { type DownloadRow, priorities } from "../../control/DownloadRow.js";
import type { DownloadRecord } from "../../control/ManagerRecord.js";
import { type DownloadState, initialState, type PeerState } from "../../download/DownloadState.js";
import { printableUrl } from "../../errors/printableUrl.js";
import type { Standing } from "../list/FileRun.js";
import type { FileOutcome } from "../list/ListEvent.js";
import type { FileEvent } from "../node/downloadFile.js";
import { ChunkLog } from "./ChunkLog.js";

/** Wish of somebody for a download that is being stopped. */
type AfterStop = "resume" | "remove";

/** One download of a manager: what is kept of it, and while it runs, and for some time after, what its events told. */
export class ManagedDownload {
  #record: DownloadRecord;
  #run: { readonly detail: DownloadDetail; readonly log: ChunkLog } | undefined;
  #received = 0;
  /** Wall time less the time of events, in which a machine that sleeps does not go on, ms. */
  #aheadMs = 0;
  /** Place in the list of all downloads. */
  place: number;
  afterStop: AfterStop | undefined;
  /** True while its Metalink is read, before its turn comes. */
  isReading = false;

  constructor(record: DownloadRecord, place: number) {
    this.#record = record;
    this.place = place;
  }

  get id(): number {
    return this.#record.id;
  }

  get record(): DownloadRecord {
    return this.#record;
  }

  get standing(): Standing {
    return { rank: priorities.indexOf(this.#record.priority), order: this.place };
  }

  get hasEnded(): boolean {
    const { state } = this.#record;
    return state !== "waiting" && state !== "running";
  }

  /** True when somebody has stopped it, so that it can be resumed. */
  get isStopped(): boolean {
    const { state } = this.#record;
    return state === "paused" || state === "cancelled";
  }

  /** Fold of its events; of a download that did not run here, as much as is kept of it. */
  get detail(): DownloadDetail {
    return this.#run?.detail ?? new DownloadDetail({ state: stateOf(this.#record) });
  }

  history(chunk: number): ReturnType<ChunkLog["of"]> {
    return this.#run?.log.of(chunk) ?? { events: [], whole: false };
  }

  change(changed: Partial<DownloadRecord>): void {
    this.#record = { ...this.#record, ...changed };
  }

  /** In line, for the first time or again. */
  waits(): void {
    const { error: _error, endedAt: _endedAt, removed: _removed, account: _account, ...kept } = this.#record;
    this.#record = { ...kept, state: "waiting" };
  }

  /** Takes in that the file of its entry is known, as far as its Metalink says. */
  named({ name, size }: { readonly name?: string; readonly size?: number }): void {
    this.change({ ...(name !== undefined && { name }), ...(size !== undefined && { size }) });
  }

  begin(): void {
    this.change({ state: "running" });
    this.#run = { detail: new DownloadDetail(), log: new ChunkLog() };
    this.#received = 0;
  }

  /** Takes in an event of its run, told at a wall time, ms; answers how many bytes came since the one before. */
  fold(event: FileEvent, at: number): number {
    this.#aheadMs = at - event.at;
    this.#run?.detail.fold(event);
    this.#run?.log.note(event);
    if (event.type === "download-started") {
      const { name, size } = event.manifest;
      this.change({ name, size, done: event.resumedBytes, ...(event.path !== undefined && { path: event.path }) });
    }
    const figures = event.type === "progress" ? event : "account" in event ? event.account : undefined;
    if (figures === undefined) return 0;
    const before = this.#received;
    this.#received = Math.max(before, figures.received);
    this.change({ done: figures.done });
    return this.#received - before;
  }

  end(outcome: FileOutcome, endedAt: number): void {
    const { status: state, account } = outcome;
    // A download that was stopped before it knew its file tells nothing of what is here.
    const figures = account.size > 0 ? { size: account.size, done: account.done } : {};
    this.change({ state, account, endedAt, ...figures });
    if (outcome.status === "completed") this.change({ path: outcome.path });
    if (outcome.status === "failed")
      this.change({ error: { code: outcome.error.code, message: outcome.error.message } });
    if (outcome.status === "cancelled" && outcome.removed) this.change({ removed: true, done: 0 });
  }

  /** Lets go of what its events told; what is kept of it stays. */
  forget(): void {
    this.#run = undefined;
  }

  row(dir: string): DownloadRow {
    const { added, account: _account, isForeign: _isForeign, entry: _entry, path, ...record } = this.#record;
    const isDone = record.state === "completed";
    return {
      ...{ bytesPerSecond: 0, peers: 0, retries: 0, recovering: 0 },
      ...record,
      sources: added.sources.map(printableUrl),
      dir: added.options.dir ?? dir,
      ...(isDone && path !== undefined && { path }),
      ...(record.state === "waiting" && this.isReading && { waitingFor: "metalink" }),
      ...(record.state === "running" && this.#run && figuresOf(this.#run.detail.state, this.#aheadMs)),
    };
  }
}

const gone: ReadonlySet<PeerState> = new Set(["quarantined", "excluded", "left"]);

function figuresOf(state: DownloadState, aheadMs: number): Partial<DownloadRow> {
  const { phase, waiting, done, bytesPerSecond, secondsLeft } = state;
  const retrying = retryingOf(state, aheadMs);
  return {
    ...{ phase, done, retries: state.retries },
    ...(state.hashed && { hashed: state.hashed }),
    ...(waiting && { waitingFor: waiting.reason }),
    ...(retrying && { retrying }),
    bytesPerSecond: Math.max(0, bytesPerSecond),
    ...(secondsLeft !== undefined && { secondsLeft }),
    peers: state.peers.filter((peer) => !gone.has(peer.state)).length,
    recovering: state.recovering?.chunks.length ?? 0,
  };
}

/** The failure that keeps everything waiting: while another request is under way, one that failed is no news of the whole. */
function retryingOf({ phase, chunks, retrying }: DownloadState, aheadMs: number): DownloadRow["retrying"] {
  const isHeldUp = phase === "starting" || phase === "waiting" || chunks.active === 0;
  if (retrying === undefined || !isHeldUp) return undefined;
  const { code, message, untilMs } = retrying;
  return { code, message, ...(untilMs !== undefined && { at: untilMs + aheadMs }) };
}

/** State of a download of an earlier life of the manager. */
function stateOf({ state, done, account, endedAt: at = 0, error }: DownloadRecord): DownloadState {
  const known: DownloadState = { ...initialState, at, done, ...(account && { received: account.received, account }) };
  if (account === undefined) return known;
  if (state === "completed") return { ...known, phase: state, outcome: { type: "download-completed", at, account } };
  if (state === "paused" || state === "cancelled")
    return { ...known, phase: "paused", outcome: { type: "download-paused", at, account } };
  return error === undefined ? known : { ...known, phase: "failed" };
}
