import type { HedgeReason } from "../transfer/TransferEvent.js";
import { hashName } from "../manifest/HashType.js";
import type { Account, WaitReason } from "./Account.js";
import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "./DownloadEvent.js";
import { formatBytes } from "./formatBytes.js";
import { formatDuration } from "../errors/formatDuration.js";
import type { PeerOrigin } from "../peers/NamedAddress.js";
import { plural } from "./plural.js";

/**
 * Line of an event for people; `undefined` for what happens all the time (attempts, verified chunks, progress, checkpoints), and for what has not changed since
 * it was told. Every screen and log takes its words from here.
 */
export function describeEvent(event: DownloadEvent): string | undefined {
  const describe = lines[event.type] as ((event: DownloadEvent) => string | undefined) | undefined;
  return describe?.(event);
}

/** How a peer was found, in words. */
const foundBy: Readonly<Record<PeerOrigin, string>> = {
  link: "",
  metalink: ", named by a Metalink",
  header: ", named by a mirror",
  dht: ", found in the DHT",
  lan: ", found on the local network",
  exchange: " by peer exchange",
  record: " from an earlier run",
};

type Lines = { readonly [Type in DownloadEventType]?: (event: DownloadEventOf<Type>) => string | undefined };

const lines: Lines = {
  "question-failed": (event) =>
    event.question === "manifest"
      ? `No manifest: ${event.message}`
      : `${event.message} (${event.code}); it is asked again${lasting(event, "in")}`,
  "question-retried": ({ question, retry, maxRetries }) =>
    `Asking again for the ${question} (attempt ${retry}/${maxRetries})`,
  "question-hedged": ({ question, primary, backup }) => `No ${question} from ${primary} yet: ${backup} is asked, too`,
  "mirror-refused": ({ message, code }) => `${message} (${code})`,
  "mirror-postponed": ({ message, code }) => `${message} (${code}); it is asked again later`,
  "mirror-outvoted": ({ peer }) =>
    `${peer} was the first to answer, but the other mirrors have another file: what it brought is dropped, and theirs is fetched`,
  "version-doubted": (event) => `${event.message}; they are asked again${lasting(event, "in")}`,
  "file-changed": () =>
    "The file has changed on the server during the download: its mirrors are asked what they have now",
  "download-started": ({ manifest: { name, size, chunkCount }, resumedChunks, resumedBytes }) => {
    const whole = `${name}: ${formatBytes(size)} in ${plural(chunkCount, "chunk")}`;
    if (resumedChunks === 0) return `Downloading ${whole}`;
    if (resumedChunks === chunkCount) return `${whole}, all here already`;
    return `Downloading ${whole}, ${plural(resumedChunks, "chunk")} (${formatBytes(resumedBytes)}) already here`;
  },
  "peer-joined": ({ peer, source }) => `Peer ${peer} is known${foundBy[source]}`,
  "peer-left": ({ peer }) => `Peer ${peer} left`,
  "peer-restored": ({ peer }) => `Peer ${peer} is trusted again`,
  "peer-blacklisted": (event) => {
    if (event.again) return undefined;
    if (event.probing) return `Peer ${event.peer} is asked early, because nobody else is left`;
    const after = event.failures === undefined ? "" : ` after ${plural(event.failures, "failure")} in a row`;
    return `Peer ${event.peer} is blacklisted${lasting(event)}${after} (${event.code})`;
  },
  "peer-quarantined": ({ peer, code }) => `Peer ${peer} is not asked again: it cannot be trusted (${code})`,
  "peer-excluded": ({ peer, code }) => `Peer ${peer} is not asked again (${code})`,
  "peer-busy": (event) => `Peer ${event.peer} is busy${lasting(event)} (${event.code})`,
  "attempt-failed": ({ continued, chunk, peer, message, code }) =>
    continued ? undefined : `Chunk ${chunk}: ${peer} failed: ${message} (${code})`,
  "retry-scheduled": ({ chunk, retry, maxRetries }) => `Retrying chunk ${chunk} (attempt ${retry}/${maxRetries})`,
  "peer-switched": ({ chunk, from, to, reason }) => `Chunk ${chunk}: switched from ${from} to ${to} (${reason})`,
  "hedge-started": ({ chunk, backup, primary, reason }) =>
    `Chunk ${chunk}: ${backup} ${backup === primary ? "is asked once more" : `${hedgeReasons[reason]} ${primary}`} (${reason})`,
  "chunk-failed": ({ chunk, attempts, code, parked = false }) => {
    const then = parked ? "; it waits for another round" : "";
    return `Chunk ${chunk} gave up after ${plural(attempts, "try", "tries")} (${code})${then}`;
  },
  waiting: (event) => {
    if (event.reason === "offline") return `Waiting for the network: it is tried again${lasting(event, "in")}`;
    if (event.reason === "lacking")
      return `Waiting for up to ${secondsLeft(event)} more (--peer-wait-secs) for the ${plural(event.chunks, "chunk")} that ${event.chunks === 1 ? "is" : "are"} lacking: nobody who can be asked has ${event.chunks === 1 ? "it" : "any"}`;
    if (event.reason === "no-peers" && lasting(event) !== "")
      return `Waiting for up to ${secondsLeft(event)} more for others (--peer-wait-secs): nobody who is known can be asked`;
    return `Waiting${lasting(event)}: ${waitReasons[event.reason]}`;
  },
  recovering: ({ chunk, peer, code }) => `Recovering: chunk ${chunk} is fetched again, ${peer} failed (${code})`,
  recovered: ({ chunks, retries, switches, replacements, elapsedMs }) => {
    const efforts = [
      ...(retries > 0 ? [plural(retries, "retry", "retries")] : []),
      ...(switches > 0 ? [plural(switches, "switch", "switches")] : []),
      ...(replacements > 0 ? [plural(replacements, "replacement")] : []),
    ];
    const after = efforts.length > 0 ? ` after ${efforts.join(", ")}` : "";
    return `Recovered${after} in ${formatDuration(elapsedMs)}: ${plural(chunks, "chunk")}`;
  },
  notice: ({ message }) => message,
  "download-completed": ({ account }) => {
    const { size, elapsedMs, received, integrity } = account;
    const isVerified = integrity === "chunks" || integrity === "file";
    const how = howChecked(account);
    if (received === 0)
      return `Done: ${formatBytes(size)} ${isVerified ? "verified" : "here"}${how}, nothing had to be fetched`;
    const speed = formatBytes(Math.round((received * 1000) / Math.max(elapsedMs, 1)));
    const done = isVerified ? "verified" : "fetched";
    const why = integrity === "none" ? "; no digest was known to verify it with" : "";
    return `Done: ${formatBytes(size)} ${done} in ${formatDuration(elapsedMs)} (${speed}/s)${how}${why}`;
  },
  "download-paused": ({ account: { done, size }, removed = false }) => {
    if (removed) return "Given up; what was here of it is removed";
    // The size is unknown until the manifest is there.
    if (size === 0) return "Paused before this run had anything to save";
    return `Paused at ${formatBytes(done)} of ${formatBytes(size)}; progress is saved`;
  },
  "download-failed": ({ message, code }) => `Failed: ${message} (${code})`,
};

/** The functions by which a file was checked, where that is not SHA-256 of each chunk. */
function howChecked({ integrity, checks: { chunks, whole } }: Pick<Account, "integrity" | "checks">): string {
  const byPieces = chunks === undefined ? "" : `${hashName(chunks)} pieces`;
  const byWhole = whole === undefined ? "" : `the ${hashName(whole)} of the whole`;
  switch (integrity) {
    case "none":
      return "";
    case "weak":
      return `, checked by ${[byPieces, byWhole].filter(Boolean).join(" and ")}, which can be forged`;
    case "file":
      return `, by ${byWhole}${byPieces && `, and checked by ${byPieces}`}`;
    case "chunks":
      return chunks === "sha-256" ? "" : `, by ${byPieces}`;
  }
}

const waitReasons: Record<Exclude<WaitReason, "offline" | "lacking">, string> = {
  "no-peers": "no peer to ask",
  busy: "every peer is busy",
  budget: "too many retries lately",
};

const hedgeReasons: Record<HedgeReason, string> = {
  "slow-first-byte": "is asked beside",
  dead: "takes the place of",
  "take-over": "takes over from",
  "end-game": "helps",
};

/** Whole seconds that are left: a bit more rather than less, as a wait is asked for in such. */
function secondsLeft({ at, untilMs = at }: { readonly at: number; readonly untilMs?: number }): string {
  const seconds = Math.ceil((untilMs - at) / 1000);
  return seconds < 10 ? `${seconds} s` : formatDuration(seconds * 1000);
}

function lasting({ at, untilMs }: { readonly at: number; readonly untilMs?: number }, how = "for"): string {
  return untilMs === undefined || untilMs <= at ? "" : ` ${how} ${formatDuration(untilMs - at)}`;
}
