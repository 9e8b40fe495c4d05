import type { Account } from "./Account.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import type { DownloadState } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";

/** The part of the state that counts bytes and retries. */
export type Bytes = Pick<
  DownloadState,
  "done" | "verified" | "resumed" | "received" | "bytesPerSecond" | "retries" | "manifest"
>;

/** How many bytes there are, and whose file they are of, after one more event. */
export function reduceBytes(
  { done, verified, resumed, received, bytesPerSecond, retries, manifest }: Bytes,
  event: DownloadEvent,
): Bytes {
  const bytes = { done, verified, resumed, received, bytesPerSecond, retries, manifest };
  return foldEvent(folds, bytes, event);
}

const folds: Folds<Bytes> = {
  "download-started": (bytes, { manifest, resumedBytes }) => {
    const resumed = Math.min(resumedBytes, manifest.size);
    const before = bytes.manifest?.root === manifest.root ? bytes.done : 0;
    const done = Math.max(before, resumed);
    const verified = manifest.integrity === "chunks" ? done : 0;
    return { ...bytes, manifest, done, verified, resumed, received: 0, bytesPerSecond: 0 };
  },
  "chunk-verified": oneMore,
  "chunk-stored": oneMore,
  progress: (bytes, { done, received, bytesPerSecond, retries }) => ({
    ...bytes,
    ...grown(bytes, done),
    received: Math.max(bytes.received, received),
    bytesPerSecond,
    retries: Math.max(bytes.retries, retries),
  }),
  "retry-scheduled": (bytes) => ({ ...bytes, retries: bytes.retries + 1 }),
  "checkpoint-saved": (bytes, { done }) => ({ ...bytes, ...grown(bytes, done) }),
  "download-completed": (bytes, { account }) => proven(closed(bytes, account), account),
  "download-paused": (bytes, { account }) => closed(bytes, account),
  "download-failed": (bytes, { account }) => closed(bytes, account),
};

function oneMore(bytes: Bytes, event: DownloadEventOf<"chunk-verified" | "chunk-stored">): Bytes {
  return {
    ...bytes,
    ...grown(bytes, bytes.done + event.bytes),
    resumed: event.resumed ? Math.min(bytes.resumed + event.bytes, sizeOf(bytes)) : bytes.resumed,
  };
}

function closed(bytes: Bytes, { done, received }: Account): Bytes {
  return {
    ...bytes,
    ...grown(bytes, done),
    received: Math.max(bytes.received, received),
    bytesPerSecond: 0,
  };
}

function sizeOf({ manifest }: Bytes): number {
  return manifest?.size ?? Number.MAX_SAFE_INTEGER;
}

/** The digest of the whole has matched, if there is one. */
function proven(bytes: Bytes, { verified }: Account): Bytes {
  return { ...bytes, verified: Math.min(Math.max(bytes.verified, verified), bytes.done) };
}

/** No fewer bytes than before are done, and where each chunk has its digest, all of them are verified. */
function grown(bytes: Bytes, most: number): Pick<Bytes, "done" | "verified"> {
  const done = Math.min(Math.max(bytes.done, most), sizeOf(bytes));
  return { done, verified: bytes.manifest?.integrity === "chunks" ? done : bytes.verified };
}
