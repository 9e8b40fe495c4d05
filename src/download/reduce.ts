import { describeEvent } from "./describeEvent.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "./DownloadEvent.js";
import type { DownloadPhase, DownloadState, RecentLine } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";
import { reduceBytes } from "./reduceBytes.js";
import { reduceChunks } from "./reduceChunks.js";
import { reducePeers } from "./reducePeers.js";
import { reduceRecovery } from "./reduceRecovery.js";
import { retrying } from "./reduceRetrying.js";

const recentKept = 6;
/** Events that are kept of each type, so that a wave of switches leaves the retries in sight. */
const recentOfType = 2;

/**
 * The state after one more event. Pure; `events.pipe(scan(reduce, initialState))` is the whole model of a screen.
 *
 * Verified bytes never go backwards and never exceed the size, whatever the events say. Memory is bounded by the peers
 * and the chunks under way.
 */
export function reduce(state: DownloadState, event: DownloadEvent): DownloadState {
  const chunks = reduceChunks(state, event);
  const waiting = waitAfter(state, event);
  return {
    ...reduceBytes(state, event),
    ...chunks,
    peers: reducePeers(state.peers, state.open, chunks.open, event),
    recent: recentAfter(state.recent, event),
    phase: phaseAfter(foldEvent(phases, state.phase, event), waiting),
    startedAt: state.startedAt ?? event.at,
    at: Math.max(state.at, event.at),
    secondsLeft: foldEvent(estimates, state.secondsLeft, event),
    hashed: foldEvent(hashes, state.hashed, event),
    waiting,
    retrying: foldEvent(retrying, state.retrying, event),
    recovering: reduceRecovery(state.recovering, event),
    account: foldEvent(accounts, state.account, event),
    outcome: foldEvent(outcomes, state.outcome, event),
  };
}

/** A download that waits for nothing any more goes on. */
function phaseAfter(phase: DownloadPhase, waiting: DownloadState["waiting"]): DownloadPhase {
  return phase === "waiting" && waiting === undefined ? "downloading" : phase;
}

/** Wait that is on: an attempt that asks whether a blacklisted peer is back ends none, but the bytes that it brings do. */
function waitAfter(state: DownloadState, event: DownloadEvent): DownloadState["waiting"] {
  if (event.type === "progress" && isBack(state, event)) return undefined;
  return isProbe(state, event) ? state.waiting : foldEvent(waits, state.waiting, event);
}

function isProbe({ peers }: DownloadState, event: DownloadEvent): boolean {
  if (event.type !== "attempt-started") return false;
  const state = peers.find(({ id }) => id === event.peer)?.state;
  return state === "blacklisted" || state === "probing";
}

/** True when a probed peer brings bytes: its speed rises, where that of earlier bytes would fade. */
function isBack({ peers }: DownloadState, { bytesPerSecondByPeer = {} }: DownloadEventOf<"progress">): boolean {
  return peers.some(
    ({ id, state, bytesPerSecond }) => state === "probing" && (bytesPerSecondByPeer[id] ?? 0) > bytesPerSecond,
  );
}

const phases: Folds<DownloadPhase> = {
  "download-started": () => "downloading",
  waiting: () => "waiting",
  checking: () => "checking",
  hashing: () => "checking",
  "download-completed": () => "completed",
  "download-paused": () => "paused",
  "download-failed": () => "failed",
};

const over = (): undefined => undefined;

const waits: Folds<DownloadState["waiting"]> = {
  waiting: (_, event) => ({
    reason: event.reason,
    ...(event.untilMs !== undefined && { untilMs: event.untilMs }),
    ...(event.reason === "lacking" && { chunks: event.chunks }),
  }),
  "attempt-started": over,
  "chunk-verified": over,
  "chunk-stored": over,
  "download-started": over,
  "download-completed": over,
  "download-paused": over,
  "download-failed": over,
};

const hashes: Folds<DownloadState["hashed"]> = {
  hashing: (_, { hashed, size }) => ({ bytes: hashed, size }),
  checking: over,
  "attempt-started": over,
  "download-started": over,
  "download-completed": over,
  "download-paused": over,
  "download-failed": over,
};

const outcomes: Folds<DownloadState["outcome"]> = {
  "download-started": over,
  "download-completed": (_, event) => event,
  "download-paused": (_, event) => event,
  "download-failed": (_, event) => event,
};

const accounts: Folds<DownloadState["account"]> = {
  "download-started": over,
  progress: (before, { accountSoFar }) => accountSoFar ?? before,
  "download-completed": (_, { account }) => account,
  "download-paused": (_, { account }) => account,
  "download-failed": (_, { account }) => account,
};

const estimates: Folds<DownloadState["secondsLeft"]> = {
  progress: (_, { secondsLeft }) => secondsLeft,
  "download-started": over,
  "download-completed": over,
  "download-paused": over,
  "download-failed": over,
};

const worthShowing: ReadonlySet<DownloadEventType> = new Set<DownloadEventType>([
  "retry-scheduled",
  "peer-switched",
  "peer-blacklisted",
  "peer-quarantined",
  "peer-excluded",
  "peer-restored",
  "hedge-started",
  "chunk-failed",
  "recovering",
  "recovered",
  "notice",
  "question-failed",
  "question-retried",
  "question-hedged",
  "mirror-refused",
  "mirror-postponed",
  "mirror-outvoted",
  "version-doubted",
  "file-changed",
]);

function recentAfter(recent: readonly RecentLine[], event: DownloadEvent): readonly RecentLine[] {
  const { type, at } = event;
  const text = worthShowing.has(type) ? describeEvent(event) : undefined;
  if (text === undefined) return recent;
  const [oldest, ...others] = recent.filter((line) => line.type === type);
  const kept = others.length < recentOfType - 1 ? recent : recent.filter((line) => line !== oldest);
  return [...kept.slice(1 - recentKept), { at, type, text }];
}
