import {
  catchError,
  concatMap,
  connect,
  defer,
  EMPTY,
  filter,
  finalize,
  from,
  interval,
  map,
  merge,
  type Observable,
  of,
  ReplaySubject,
  retry,
  takeUntil,
  tap,
  throwError,
} from "rxjs";
import type { AttemptContext, AttemptFn } from "../../operators/attempt.js";
import { exponentialBackoff } from "../../operators/backoff.js";
import { raceLegs } from "../../operators/raceLegs.js";
import type { RetryEvent, RetryVerdict } from "../../operators/RetryEvent.js";
import { type GiveUpReason, RetryGaveUpError } from "../../operators/RetryGaveUpError.js";
import { retryWithPeerSwitch } from "../../operators/retryWithPeerSwitch.js";
import type { Classified } from "../../operators/RetryWithPeerSwitchConfig.js";
import { selectPeer } from "../../operators/selectPeer.js";
import type { Question } from "../download/DiscoveryEvent.js";
import { DownloadError } from "../errors/DownloadError.js";
import { isBusy } from "../errors/isBusy.js";
import { toDownloadError } from "../errors/toDownloadError.js";
import { verdicts } from "../errors/verdicts.js";
import { askAgainMs } from "../download/askAgainMs.js";
import { type AskedPeer, AskedPeers } from "./AskedPeers.js";
import type { Discovery } from "./Discovery.js";
import { PeerWait } from "./PeerWait.js";

/** How a question is asked, as far as that differs from question to question. */
export interface AskPolicy {
  readonly about: Question;
  /** The time that the limits of a chunk are held against: attempts and waits, or, where an attempt may bring values for as long as it likes, silence. */
  readonly limit: "all" | "silence";
  /**
   * True when somebody else may answer who comes later: while the list of peers may still grow, nobody to ask is a wait of `peerWaitSecs`, one for all who
   * come and go before somebody answers, and those who can be asked again are, now and then. @default false
   */
  readonly waitsForOthers?: boolean;
  /** Peers that are asked beside one that is silent: when, and how many at once. @default nobody */
  readonly company?: { readonly afterMs: number; readonly most: number };
  /** Told of each failure after which an only peer is asked again, and of the wait before that, ms. */
  readonly onAgain?: ((error: DownloadError, waitMs: number) => void) | undefined;
}

/**
 * Asks peers that can all answer alike until one of them does. After a failure the next peer is asked at once; only when everybody has failed is there a
 * wait, and a retry counted, before all are asked again. A busy peer is asked when `busyWaitMs` says, and costs no
 * retry; sleep and the loss of the network cost nobody anything. A peer with a permanent failure is not asked again.
 *
 *     peers     [A, B]
 *     A         #        #
 *     B         -#        --x|
 *     result    ------------x|        1 s after both have failed
 *
 * Unsubscribing ends the requests.
 *
 * @throws RetryGaveUpError, whose `cause` is the last error of a peer.
 */
export function askUntilAnswered<P extends AskedPeer, T>(
  peers: Observable<readonly P[]>,
  question: AttemptFn<P, T>,
  policy: AskPolicy,
  discovery: Discovery,
): Observable<T> {
  return defer(() => new Asking(policy, discovery, question).answersOf(peers));
}

/** One question while it is asked. */
class Asking<P extends AskedPeer, T> {
  readonly #policy: AskPolicy;
  readonly #discovery: Discovery;
  readonly #question: AttemptFn<P, T>;
  readonly #peers: AskedPeers<P>;
  /** Failures that are booked, and whether each was nobody's. */
  readonly #booked = new WeakMap<DownloadError, boolean>();
  readonly #wait: PeerWait;
  /** Peers that have ended a wait: by one answer each, or those who answer and give nothing could go on for ever. */
  readonly #answered = new Set<string>();
  /** Peers that were in a list so far, and the last failure of each that was told. */
  readonly #met = new Map<string, DownloadError | undefined>();
  #heardAt: number;
  /** Beginning of the deadline that counts now, by the clock, ms. */
  #begunAt = 0;
  #last: DownloadError | undefined;
  #attempts = 0;
  /** True when peers may still come. */
  #mayCome: boolean;
  /** Why nobody can be asked any more, as it will stand in the error. */
  #want: GiveUpReason = "no-peers";

  constructor(policy: AskPolicy, discovery: Discovery, question: AttemptFn<P, T>) {
    this.#policy = policy;
    this.#discovery = discovery;
    this.#question = question;
    this.#peers = new AskedPeers(discovery.clock);
    this.#heardAt = discovery.clock.now();
    this.#mayCome = policy.waitsForOthers === true;
    this.#wait = new PeerWait(discovery, () => this.#nobodyCame());
  }

  answersOf(peers: Observable<readonly P[]>): Observable<T> {
    const { network } = this.#discovery;
    const asked = (lists: Observable<readonly P[]>): Observable<T> =>
      defer(() => {
        this.#begunAt = this.#discovery.clock.now();
        return this.#asked(lists);
      }).pipe(
        retry({ delay: (error: unknown) => (this.#goesOnAfter(error) ? of(undefined) : throwError(() => error)) }),
        takeUntil(this.#wait.expired),
      );
    return peers.pipe(
      tap({ next: (all) => this.#listed(all), complete: () => this.#listsEnded() }),
      connect(asked, { connector: () => new ReplaySubject(1) }),
      finalize(() => {
        for (const { id } of this.#peers.known) network.leaves(id);
      }),
    );
  }

  /** A deadline is for what is asked; how long to wait with nobody there is another matter, and whoever comes then has a whole one. */
  #goesOnAfter(error: unknown): boolean {
    return isDeadline(error) && (this.#wait.isOn || this.#wait.heldAt > this.#begunAt);
  }

  #asked(lists: Observable<readonly P[]>): Observable<T> {
    const { retry: patience, clock, random } = this.#discovery;
    const { company, limit } = this.#policy;
    const { initialBackoffMs: initialMs, backoffMultiplier: multiplier, maxBackoffMs: maxMs, jitter } = patience;
    const known = this.#peers;
    return lists.pipe(
      retryWithPeerSwitch(company === undefined ? this.#ask : this.#inCompany(company), {
        maxRetries: patience.maxChunkRetries,
        samePeerRetries: patience.maxChunkRetries,
        backoff: exponentialBackoff({ initialMs, multiplier, maxMs, jitter, random }),
        attemptTimeoutMs: limit === "silence" ? Infinity : patience.chunkTimeoutSecs * 1000,
        deadlineMs: limit === "silence" ? Infinity : patience.chunkDeadlineSecs * 1000,
        classify: (thrown, context) => this.#judge(toDownloadError(thrown), context),
        select: (candidates, selection) =>
          known.unasked ?? selectPeer(candidates, { ...selection, never: { has: known.isOut } }),
        onEvent: (event) => this.#tell(event),
        scheduler: clock,
      }),
    );
  }

  readonly #ask: AttemptFn<P, T> = (peer, context) =>
    defer(() => {
      const { network, clock } = this.#discovery;
      this.#peers.asks(peer);
      const cut = network.cuts.pipe(
        map((error) => {
          peer.renew?.();
          throw error;
        }),
      );
      return from(this.#question(peer, context)).pipe(
        takeUntil(cut),
        tap(() => {
          this.#heardAt = clock.now();
          this.#peers.answered(peer);
          this.#answers(peer);
          this.#wait.heard();
          network.answered(peer.id);
        }),
        catchError((thrown: unknown) => throwError(() => this.#failed(peer, thrown))),
      );
    });

  #inCompany({ afterMs, most }: NonNullable<AskPolicy["company"]>): AttemptFn<P, T> {
    return raceLegs<P>({
      maxLiving: most,
      worst: mostHopeful,
      backups: (race) => {
        const silent = interval(afterMs, race.context.scheduler).pipe(takeUntil(race.firstValues));
        const died = race.deaths.pipe(filter(() => race.living > 0));
        return merge(silent, died).pipe(
          filter(() => race.living < most),
          concatMap(() => {
            const peer = this.#peers.unasked;
            return peer === undefined ? EMPTY : of({ peer, reason: "slow-first-byte" });
          }),
        );
      },
    })(this.#ask);
  }

  #failed(peer: P, thrown: unknown): DownloadError {
    const error = ofPeer(peer, thrown);
    const excuseMs = this.#discovery.network.excuseMs(peer.id, error);
    this.#booked.set(error, excuseMs !== undefined);
    this.#peers.failed(peer, error, excuseMs);
    this.#last = error;
    if (isBusy(error)) this.#answers(peer);
    if (excuseMs === undefined) this.#report(peer, error);
    return error;
  }

  /** Notes a peer that may really give the answer: a part of it came, or the wish to be asked later. */
  #answers({ id }: P): void {
    if (this.#answered.has(id)) this.#wait.hold();
    else this.#wait.end();
    this.#answered.add(id);
  }

  #listed(all: readonly P[]): void {
    const isNew = all.some(({ id }) => !this.#met.has(id));
    for (const { id } of all) {
      this.#discovery.network.asks(id);
      if (!this.#met.has(id)) this.#met.set(id, undefined);
    }
    this.#peers.known = all;
    if (isNew) this.#wait.hold();
  }

  #listsEnded(): void {
    this.#mayCome = false;
    this.#wait.end();
  }

  #awaitOthers(want: GiveUpReason): void {
    this.#want = want;
    this.#wait.begin();
  }

  #nobodyCame(): Error {
    const { peerWaitSecs } = this.#discovery.retry;
    const last = this.#last;
    if (last === undefined) return new DownloadError("NO_PEERS", `no peer appeared within ${peerWaitSecs} s`);
    const text = `${last.message}; nobody else came within ${peerWaitSecs} s`;
    const { code, peer } = last;
    const cause = new DownloadError(code, text, { cause: last, ...(peer !== undefined && { peer }) });
    return new RetryGaveUpError(this.#want, this.#attempts, cause);
  }

  /** The verdict on an attempt in which all who were asked have failed. */
  #judge(error: DownloadError, { retry: used }: AttemptContext<P>): RetryVerdict | Classified {
    const { verdict } = verdicts[error.code];
    const isExcused = this.#booked.get(error) === true;
    if (verdict === "fail") return "fail";
    if (this.#peers.unasked !== undefined) return verdict === "switch" ? "switch" : "continue";
    this.#peers.startAgain();
    // Peers that failed otherwise are asked again as long as there are retries; then those that rest are waited for.
    const { retry, failFast = false } = this.#discovery;
    const { maxChunkRetries } = retry;
    const mayRetry = this.#peers.isAnybodyUp && !isExcused && (verdict === "switch" || used < maxChunkRetries);
    const restMs = mayRetry ? undefined : (this.#peers.endFirstRest() ?? (isExcused ? 0 : undefined));
    if (this.#isSilentAfter(restMs ?? 0)) return "fail";
    if (restMs === undefined && verdict === "retry" && used >= maxChunkRetries && this.#mayCome && !failFast) {
      this.#awaitOthers("exhausted");
      return { verdict: "continue", notBeforeMs: askAgainMs(retry), progressed: true };
    }
    if (restMs === undefined) return verdict;
    if (isBusy(error)) this.#again(error, restMs);
    // A wait of zero would be one of a backoff.
    return { verdict: verdict === "switch" ? verdict : "continue", notBeforeMs: Math.max(1, restMs) };
  }

  #isSilentAfter(waitMs: number): boolean {
    const { clock, retry } = this.#discovery;
    const silentMs = clock.now() + waitMs - this.#heardAt;
    return this.#policy.limit === "silence" && silentMs > retry.chunkDeadlineSecs * 1000;
  }

  #tell(event: RetryEvent<P>): void {
    const { about: question, company } = this.#policy;
    const { emit, clock } = this.#discovery;
    if (event.type === "attempt") this.#attempts += 1;
    if (event.type === "starved" && this.#mayCome) this.#awaitOthers("no-peers");
    if (event.type === "failed") {
      this.#last = toDownloadError(event.error);
      if (!this.#booked.has(this.#last)) this.#report(event.peer, this.#last);
    }
    if (event.type === "hedge") {
      emit({ type: "question-hedged", question, primary: event.primary.id, backup: event.backup.id });
    }
    if (event.type === "retry") {
      const { retry, maxRetries, delayMs } = event;
      if (company === undefined && this.#last !== undefined) this.#again(this.#last, delayMs);
      else emit({ type: "question-retried", question, retry, maxRetries, untilMs: clock.now() + delayMs });
    }
  }

  /** Where others are asked instead, a failure is told by itself. */
  #report(peer: P, error: DownloadError): void {
    if (this.#policy.company === undefined) return;
    // What was told already, of a peer that is asked now and then, is no news.
    const isNews = !this.#wait.isOn || this.#met.get(peer.id)?.code !== error.code;
    this.#met.set(peer.id, error);
    if (isNews) this.#discovery.emit({ ...this.#failure(error), peer: peer.id });
  }

  /** An only peer is asked again: failure and wait are told together. */
  #again(error: DownloadError, waitMs: number): void {
    const { emit, clock } = this.#discovery;
    if (this.#policy.company !== undefined) return;
    emit({ ...this.#failure(error), peer: error.peer ?? "", untilMs: clock.now() + waitMs });
    this.#policy.onAgain?.(error, waitMs);
  }

  #failure({ code, message }: DownloadError) {
    return { type: "question-failed", question: this.#policy.about, code, message } as const;
  }
}

const isDeadline = (error: unknown): boolean => error instanceof RetryGaveUpError && error.reason === "deadline";

/** The error of a peer that names it: what is none of ours does not. */
function ofPeer({ id }: AskedPeer, thrown: unknown): DownloadError {
  if (thrown instanceof DownloadError) return thrown;
  const { code, message } = toDownloadError(thrown);
  return new DownloadError(code, `${id}: ${message}`, { peer: id, cause: thrown });
}

/** The last of several failures that may pass, or else the very last. */
function mostHopeful(errors: readonly unknown[]): unknown {
  const passing = errors.filter((error) => verdicts[toDownloadError(error).code].verdict === "retry");
  return passing.at(-1) ?? errors.at(-1);
}
