import type { HedgeReason } from "../transfer/TransferEvent.js";
import type { DiscoveryEvent } from "./DiscoveryEvent.js";
import type { DownloadEvent, DownloadEventOf, WaitReason } from "./DownloadEvent.js";
import { formatBytes } from "./formatBytes.js";
import { formatDuration } from "./formatDuration.js";

/**
 * What happened, as one line for people; `undefined` for what happens all the time (attempts, verified chunks, progress,
 * checkpoints). Every screen and log takes its words from here.
 */
export function describeEvent(event: DownloadEvent): string | undefined {
  switch (event.type) {
    case "download-started": {
      const { name, size, chunkCount } = event.manifest;
      const whole = `${name}: ${formatBytes(size)} in ${plural(chunkCount, "chunk")}`;
      if (event.resumedChunks === 0) return `Downloading ${whole}`;
      if (event.resumedChunks === chunkCount) return `${whole}, all here already`;
      return `Downloading ${whole}, ${plural(event.resumedChunks, "chunk")} (${formatBytes(event.resumedBytes)}) already here`;
    }
    case "peer-joined":
      return `Peer ${event.peer} joined`;
    case "peer-left":
      return `Peer ${event.peer} left`;
    case "peer-restored":
      return `Peer ${event.peer} is trusted again`;
    case "peer-blacklisted": {
      if (event.probing) return `Peer ${event.peer} is asked early, because nobody else is left`;
      const after = event.failures === undefined ? "" : ` after ${plural(event.failures, "failure")} in a row`;
      return `Peer ${event.peer} is blacklisted${lasting(event)}${after} (${event.code})`;
    }
    case "peer-quarantined":
      return `Peer ${event.peer} is not asked again: it cannot be trusted (${event.code})`;
    case "peer-excluded":
      return `Peer ${event.peer} is not asked again (${event.code})`;
    case "peer-busy":
      return `Peer ${event.peer} is busy${lasting(event)} (${event.code})`;
    case "attempt-failed":
      return event.continued
        ? undefined
        : `Chunk ${event.chunk}: ${event.peer} failed: ${event.message} (${event.code})`;
    case "retry-scheduled":
      return `Retrying chunk ${event.chunk} (attempt ${event.retry}/${event.maxRetries})`;
    case "peer-switched":
      return `Chunk ${event.chunk}: switched from ${event.from} to ${event.to} (${event.reason})`;
    case "hedge-started":
      return `Chunk ${event.chunk}: ${event.backup} ${hedgeReasons[event.reason]} ${event.primary} (${event.reason})`;
    case "chunk-failed":
      return `Chunk ${event.chunk} given up for now after ${plural(event.attempts, "attempt")} (${event.code})`;
    case "waiting":
      if (event.reason === "offline") return `Waiting for the network: it is tried again${lasting(event, "in")}`;
      return `Waiting${lasting(event)}: ${waitReasons[event.reason]}`;
    case "recovering":
      return `Recovering: chunk ${event.chunk} is fetched again, ${event.peer} failed (${event.code})`;
    case "recovered": {
      const { chunks, retries, switches, replacements, elapsedMs } = event;
      const efforts = [
        ...(retries > 0 ? [plural(retries, "retry", "retries")] : []),
        ...(switches > 0 ? [plural(switches, "switch", "switches")] : []),
        ...(replacements > 0 ? [plural(replacements, "replacement")] : []),
      ];
      const after = efforts.length > 0 ? ` after ${efforts.join(", ")}` : "";
      return `Recovered${after} in ${formatDuration(elapsedMs)}: ${plural(chunks, "chunk")}`;
    }
    case "notice":
      return event.message;
    case "download-completed": {
      const { size, elapsedMs, received, integrity } = event.account;
      const done = integrity === "none" ? "fetched" : "verified";
      if (received === 0)
        return `Done: ${formatBytes(size)} ${integrity === "none" ? "here" : done}, nothing had to be fetched`;
      const speed = formatBytes(Math.round((received * 1000) / Math.max(elapsedMs, 1)));
      return `Done: ${formatBytes(size)} ${done} in ${formatDuration(elapsedMs)} (${speed}/s)${integrity === "none" ? "; no digest was known to verify it with" : ""}`;
    }
    case "download-paused": {
      const { verified, size } = event.account;
      // The size is unknown until the manifest is there.
      if (size === 0) return "Paused before this run had anything to save";
      return `Paused at ${formatBytes(verified)} of ${formatBytes(size)}; progress is saved`;
    }
    case "download-failed":
      return `Failed: ${event.message} (${event.code})`;
    case "question-failed":
    case "question-retried":
    case "question-hedged":
    case "mirror-refused":
    case "mirror-postponed":
    case "version-doubted":
    case "file-changed":
      return describeDiscovery(event);
    case "resolving":
    case "mirror-compared":
    case "attempt-started":
    case "attempt-cancelled":
    case "chunk-verified":
    case "chunk-stored":
    case "progress":
    case "checkpoint-saved":
      return undefined;
  }
}

type TroubleOfDiscovery = DownloadEventOf<Exclude<DiscoveryEvent["type"], "resolving" | "mirror-compared">>;

function describeDiscovery(event: TroubleOfDiscovery): string {
  switch (event.type) {
    case "question-failed": {
      const { question, code, message } = event;
      return question === "manifest"
        ? `No manifest: ${message}`
        : `${message} (${code}); it is asked again${lasting(event, "in")}`;
    }
    case "question-retried":
      return `Asking again for the ${event.question} (attempt ${event.retry}/${event.maxRetries})`;
    case "question-hedged":
      return `No ${event.question} from ${event.primary} yet: ${event.backup} is asked, too`;
    case "mirror-refused":
      return `${event.message} (${event.code})`;
    case "mirror-postponed":
      return `${event.message} (${event.code}); it is asked again later`;
    case "version-doubted":
      return `${event.message}; they are asked again${lasting(event, "in")}`;
    case "file-changed":
      return "The file has changed on the server during the download: its mirrors are asked what they have now";
  }
}

const waitReasons: Record<Exclude<WaitReason, "offline">, string> = {
  "no-peers": "no peer to ask",
  busy: "every peer is busy",
  budget: "too many retries lately",
};

const hedgeReasons: Record<HedgeReason, string> = {
  "slow-start": "is asked beside",
  dead: "takes the place of",
  "take-over": "takes over from",
  "end-game": "helps",
};

function lasting({ at, untilMs }: { readonly at: number; readonly untilMs?: number }, how = "for"): string {
  return untilMs === undefined || untilMs <= at ? "" : ` ${how} ${formatDuration(untilMs - at)}`;
}

function plural(count: number, thing: string, things = `${thing}s`): string {
  return `${count} ${count === 1 ? thing : things}`;
}
