import type { Account } from "./Account.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import type { DownloadState } from "./DownloadState.js";
import { foldEvent, type Folds } from "./foldEvent.js";

/** The part of the state that counts bytes and retries. */
export type Bytes = Pick<
  DownloadState,
  "verified" | "resumed" | "received" | "bytesPerSecond" | "retries" | "manifest"
>;

/** How many bytes there are, and whose file they are of, after one more event. */
export function reduceBytes(
  { verified, resumed, received, bytesPerSecond, retries, manifest }: Bytes,
  event: DownloadEvent,
): Bytes {
  const bytes = { verified, resumed, received, bytesPerSecond, retries, manifest };
  return foldEvent(folds, bytes, event);
}

const folds: Folds<Bytes> = {
  "download-started": (bytes, { manifest, resumedBytes }) => {
    const resumed = Math.min(resumedBytes, manifest.size);
    const before = bytes.manifest?.root === manifest.root ? bytes.verified : 0;
    return { ...bytes, manifest, verified: Math.max(before, resumed), resumed, received: 0, bytesPerSecond: 0 };
  },
  "chunk-verified": oneMore,
  "chunk-stored": oneMore,
  progress: (bytes, { verified, received, bytesPerSecond, retries }) => ({
    ...bytes,
    verified: grown(bytes, verified),
    received: Math.max(bytes.received, received),
    bytesPerSecond,
    retries: Math.max(bytes.retries, retries),
  }),
  "retry-scheduled": (bytes) => ({ ...bytes, retries: bytes.retries + 1 }),
  "checkpoint-saved": (bytes, { verified }) => ({ ...bytes, verified: grown(bytes, verified) }),
  "download-completed": (bytes, { account }) => closed(bytes, account),
  "download-paused": (bytes, { account }) => closed(bytes, account),
  "download-failed": (bytes, { account }) => closed(bytes, account),
};

function oneMore(bytes: Bytes, event: DownloadEventOf<"chunk-verified" | "chunk-stored">): Bytes {
  return {
    ...bytes,
    verified: grown(bytes, bytes.verified + event.bytes),
    resumed: event.resumed ? Math.min(bytes.resumed + event.bytes, sizeOf(bytes)) : bytes.resumed,
  };
}

function closed(bytes: Bytes, { verified, received }: Account): Bytes {
  return {
    ...bytes,
    verified: grown(bytes, verified),
    received: Math.max(bytes.received, received),
    bytesPerSecond: 0,
  };
}

function sizeOf({ manifest }: Bytes): number {
  return manifest?.size ?? Number.MAX_SAFE_INTEGER;
}

function grown(bytes: Bytes, verified: number): number {
  return Math.min(Math.max(bytes.verified, verified), sizeOf(bytes));
}
