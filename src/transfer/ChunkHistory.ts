import type { AttemptContext } from "../../operators/attempt.js";
import type { Classified } from "../../operators/RetryWithPeerSwitchConfig.js";
import type { Selection } from "../../operators/selectPeer.js";
import { selectPeer } from "../../operators/selectPeer.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { isNoConnection } from "../errors/isNoConnection.js";
import type { DownloadErrorCode } from "../errors/verdicts.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import type { Peer } from "../peers/Peer.js";
import type { Failure } from "./AttemptLegs.js";
import { AttemptLegs } from "./AttemptLegs.js";
import type { ChunkAssembly } from "./ChunkAssembly.js";
import type { JudgedChunk, Judgement } from "./judgeFailure.js";
import { hasProgressed, judgeFailure } from "./judgeFailure.js";
import { judgeMismatch } from "./judgeMismatch.js";
import type { Leg } from "./Leg.js";
import { Suspects } from "./Suspects.js";
import type { TransferConfig, TransferParts } from "./TransferParts.js";

/**
 * How the next attempt begins.
 *
 * - `asking`: as the first did
 * - `replacing`: in the place of a leg that died when nobody had room to replace it at once. Another peer is worth waiting for, no longer
 *   than the retry would wait that the replacement stands for
 * - `continuing`: from where an attempt broke that had brought the chunk further
 */
type ChunkState = { readonly name: "asking" | "continuing" } | { readonly name: "replacing"; readonly untilMs: number };

/**
 * One chunk's attempts, and what follows from how they ended. A failure is judged once, when its leg ends; when all legs of an attempt have
 * died, the worst of the judgements says how the next attempt begins.
 *
 *     begin ─▶ leg dies ─▶ failed ─▶ tryReplace ─▶ begin                              the attempt goes on
 *                             └────▶ afterAttempt ─▶ asking | replacing | continuing ─▶ begin
 */
export class ChunkHistory {
  readonly legs: AttemptLegs;
  readonly suspects = new Suspects();
  readonly #assembly: ChunkAssembly;
  readonly #parts: TransferParts;
  readonly #config: TransferConfig;
  #state: ChunkState = { name: "asking" };
  /** Retries used so far. */
  #retries = 0;
  #lastError: DownloadError | undefined;
  /** True when an only peer was asked again for a chunk that it had brought wrong. */
  #isSecondTry = false;
  /** The peer that lied, until that is told. */
  #liar: string | undefined;

  constructor(assembly: ChunkAssembly, parts: TransferParts, config: TransferConfig) {
    this.legs = new AttemptLegs(assembly, parts);
    this.#assembly = assembly;
    this.#parts = parts;
    this.#config = config;
  }

  /** The error of the last attempt that failed. */
  get lastError(): DownloadError | undefined {
    return this.#lastError;
  }

  /** A leg at the frontier, without bytes that are known to be wrong or come from peers that have been found out. */
  begin(peer: Peer, context: AttemptContext<Peer>): Leg {
    this.#retries = context.retry;
    if (this.legs.living === 0 && this.#isSpoilt()) this.#startOver();
    return this.legs.begin(peer, context);
  }

  /** The judgement of a leg that died. */
  failed(leg: Leg, error: DownloadError): Judgement {
    const failure = this.#judge(leg, error);
    if (!failure.judgement.delivered) this.legs.failed(failure);
    return failure.judgement;
  }

  /** Judges the chunk that the attempt completed, which is wrong, and forgets its bytes. */
  mismatched(error: DownloadError): void {
    const leg = this.legs.all.at(-1);
    if (leg === undefined) return;
    const segments = this.#assembly.segments();
    const broughtBy = segments.map(({ peer }) => peer);
    const [first, ...others] = broughtBy;
    const isFromOnlyPeer = first !== undefined && this.#parts.pool.isOnly(first, this.#assembly.chunk.index);
    const facts = { broughtBy, isFromOnlyPeer, isSecondTry: this.#isSecondTry, legs: this.legs.all.length };
    const judgement = judgeMismatch(facts, this.#config);
    this.legs.failed({ leg, error, judgement });
    if (judgement.verdict === "fail") return;
    this.#startOver();
    if (judgement.blame === "quarantined") this.#liar = first;
    else if (first === undefined || others.length > 0) this.suspects.add(segments);
    else this.#isSecondTry = true;
  }

  /**
   * Tries to pay for a leg in the place of the one that died last. One that got the chunk further, or died for want of a network, costs nothing,
   * any other as much as a retry.
   */
  tryReplace(): boolean {
    const dead = this.legs.lastFailure?.judgement;
    const isFree = dead !== undefined && (dead.progressed || dead.code === "NETWORK_DOWN");
    const isPaid = isFree || this.#parts.allowance.tryReplace();
    if (isPaid) this.legs.tell(true);
    return isPaid;
  }

  /**
   * The error of an attempt whose legs all died: the last that ends all; else, when the chunk got further, the last, which was judged with
   * that in mind; else the last that costs a retry.
   */
  get worst(): DownloadError | undefined {
    const { legs } = this;
    const last = legs.lastFailure;
    return (legs.lastWith("fail") ?? (this.#hasProgressed ? last : (legs.lastWith("retry") ?? last)))?.error;
  }

  /** Ends the attempt, which failed: the state in which the next one begins, and when. */
  afterAttempt(thrown: unknown): Classified {
    const { error, judgement, leg } = this.legs.withError(thrown) ?? this.#cutShort(thrown);
    const { code, verdict, notBeforeMs } = judgement;
    this.#lastError = error;
    const isReplaced = verdict === "retry" && this.#tryReplaceLater(leg.peer, code);
    const progressed = code !== "CHECKSUM_MISMATCH" && this.#hasProgressed;
    // Without a network nothing was tried, and all stands as before.
    if (!isReplaced && code !== "NETWORK_DOWN") {
      this.#state = { name: verdict === "continue" && progressed ? "continuing" : "asking" };
    }
    this.legs.tell(isReplaced || verdict === "continue");
    // Only now: it ends legs of other chunks, and perhaps the download.
    if (this.#liar !== undefined) this.#parts.pool.quarantine(this.#liar, error);
    this.#liar = undefined;
    return isReplaced ? { verdict: "continue" } : { verdict, notBeforeMs, progressed };
  }

  /** True when the peer had a part in wrong bytes of this chunk, and there is anybody else for it. */
  isToAvoid({ id }: Peer): boolean {
    const { peers } = this.suspects;
    return peers.has(id) && this.#hasAnother(peers);
  }

  /** The peer to ask next, of those that can be asked now, best first; nobody while another one is worth waiting for. */
  select(candidates: Iterable<Peer>, selection: Selection<Peer>): Peer | undefined {
    const { peers } = this.suspects;
    const { last } = selection;
    const waits = last !== undefined && this.#waitsForAnother(last);
    if (peers.size === 0 && !waits) return selectPeer(candidates, selection);
    const avoid = { has: (peer: Peer) => selection.avoid.has(peer) || peers.has(peer.id) };
    const never = { has: (peer: Peer) => selection.never.has(peer) || (waits && peer === last) };
    return selectPeer(candidates, { ...selection, avoid, never });
  }

  /** The failure of an attempt that did not end by its legs: its time was over. */
  #cutShort(thrown: unknown): Failure {
    const leg = this.legs.all.at(-1);
    if (leg === undefined) throw thrown;
    const failure = this.#judge(leg, toDownloadError(thrown));
    this.legs.failed(failure);
    return failure;
  }

  #judge(leg: Leg, error: DownloadError): Failure {
    const chunk = { ...this.#judged, desertedDelayMs: this.#desertedDelayMs(leg, error) };
    return { leg, error, judgement: judgeFailure(error, { leg, chunk, config: this.#config }) };
  }

  get #judged(): JudgedChunk {
    return { isWhole: this.#assembly.isWhole, legs: this.legs.all, state: this.#state.name };
  }

  /** Where others are waited for: at first the waits of a retry, which are the operator's own. */
  #desertedDelayMs({ peer: { id } }: Leg, { code }: DownloadError): number | undefined {
    const { pool } = this.#parts;
    const { desertedDelayMs } = this.#config;
    if (desertedDelayMs === undefined) return undefined;
    const lost = isNoConnection(code) ? id : undefined;
    if (!pool.isForsakenFor(this.#assembly.chunk.index, lost)) return undefined;
    return pool.isBlacklisted(id) ? desertedDelayMs : 0;
  }

  /** True when any leg of the attempt brought the chunk further, those that we stopped too. */
  get #hasProgressed(): boolean {
    return this.legs.all.some((leg) => hasProgressed(leg, this.#judged, this.#config));
  }

  /**
   * Has the next attempt replace the only leg of this one; once in a row, so that with the replacement the attempt has failed. A peer that
   * brings other chunks meanwhile may replace its own leg: what failed is a connection, and waiting would heal nothing.
   */
  #tryReplaceLater(dead: Peer, code: DownloadErrorCode): boolean {
    const { allowance, backoff, pool, scheduler } = this.#parts;
    if (!this.#config.parallel || this.#state.name === "replacing" || this.legs.all.length > 1) return false;
    if (!this.#hasAnother(new Set([dead.id])) && !(isOfConnection(code) && pool.isServing(dead.id))) return false;
    if (!allowance.tryReplace()) return false;
    const waitMs = backoff(this.#retries + 1, { key: this.#assembly.chunk.index });
    this.#state = { name: "replacing", untilMs: scheduler.now() + waitMs };
    return true;
  }

  #waitsForAnother(last: Peer): boolean {
    if (this.#state.name !== "replacing" || this.#parts.scheduler.now() >= this.#state.untilMs) return false;
    return this.#hasAnother(new Set([last.id]));
  }

  #hasAnother(ids: ReadonlySet<string>): boolean {
    return this.#parts.pool.hasAnother(ids, this.#assembly.chunk.index);
  }

  #isSpoilt(): boolean {
    return this.#assembly.isWhole || Object.keys(this.#assembly.peers).some((id) => this.#parts.pool.isQuarantined(id));
  }

  #startOver(): void {
    this.#parts.meter.wasted("checksum", this.#assembly.restart());
  }
}

/** True when a connection failed, and not the peer: what a peer says is asked again after a wait. */
const isOfConnection = (code: DownloadErrorCode): boolean => code.startsWith("CONNECTION_");
