import { describe, expect, it } from "vitest";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { describeEvent } from "../../src/download/describeEvent.js";
import { formatBytes } from "../../src/download/formatBytes.js";
import { formatDuration } from "../../src/errors/formatDuration.js";

const account = {
  size: 2_000_000,
  done: 1_000_000,
  verified: 1_000_000,
  received: 2_000_000,
  resumed: 0,
  bytesByPeer: {},
  waste: {},
  retries: {},
  waits: {},
  continuations: 0,
  switches: 0,
  troubledChunks: 0,
  hedges: {},
  recoveredChunks: 0,
  integrity: "chunks" as const,
  checks: { chunks: "sha-256" as const },
  longestRecoveryMs: 0,
  failedChunks: 0,
  resumes: 0,
  elapsedMs: 4000,
};
const manifest = {
  root: "ab",
  name: "film.mkv",
  size: 2_000_000,
  chunkSize: 262_144,
  chunkCount: 8,
  integrity: "chunks" as const,
};
const silent = { peer: "A", code: "TIMEOUT", message: "A says nothing" } as const;
const leg = { at: 0, chunk: 3, attempt: 0, leg: 0, peer: "A" } as const;
const failed = { ...leg, code: "TIMEOUT", verdict: "retry", message: "no answer within 60 s", received: 0 } as const;
const progress = { done: 0, verified: 0, received: 0, bytesPerSecond: 0, retries: 0 };

const words: [DownloadEvent, string | undefined][] = [
  [
    { type: "download-started", at: 0, manifest, resumedChunks: 0, resumedBytes: 0 },
    "Downloading film.mkv: 2.00 MB in 8 chunks",
  ],
  [
    { type: "download-started", at: 0, manifest, resumedChunks: 8, resumedBytes: 2_000_000 },
    "film.mkv: 2.00 MB in 8 chunks, all here already",
  ],
  [
    { type: "download-started", at: 0, manifest, resumedChunks: 1, resumedBytes: 262_144 },
    "Downloading film.mkv: 2.00 MB in 8 chunks, 1 chunk (262 kB) already here",
  ],
  [{ type: "peer-joined", at: 0, peer: "A", source: "link" }, "Peer A is known"],
  [{ type: "peer-joined", at: 0, peer: "A", source: "dht" }, "Peer A is known, found in the DHT"],
  [{ type: "peer-joined", at: 0, peer: "A", source: "record" }, "Peer A is known from an earlier run"],
  [{ type: "peer-left", at: 0, peer: "A" }, "Peer A left"],
  [{ type: "peer-restored", at: 0, peer: "A" }, "Peer A is trusted again"],
  [
    { type: "peer-blacklisted", at: 1000, peer: "A", code: "TIMEOUT", failures: 3, untilMs: 301_000 },
    "Peer A is blacklisted for 5 min 00 s after 3 failures in a row (TIMEOUT)",
  ],
  [{ type: "peer-blacklisted", at: 0, peer: "A", code: "TIMEOUT" }, "Peer A is blacklisted (TIMEOUT)"],
  [
    { type: "peer-blacklisted", at: 0, peer: "A", code: "TIMEOUT", probing: true },
    "Peer A is asked early, because nobody else is left",
  ],
  [{ type: "peer-blacklisted", at: 0, peer: "A", code: "TIMEOUT", probing: true, again: true }, undefined],
  [{ type: "peer-blacklisted", at: 0, peer: "A", code: "TIMEOUT", untilMs: 5, again: true }, undefined],
  [
    { type: "peer-quarantined", at: 0, peer: "A", code: "CHECKSUM_MISMATCH" },
    "Peer A is not asked again: it cannot be trusted (CHECKSUM_MISMATCH)",
  ],
  [{ type: "peer-excluded", at: 0, peer: "A", code: "AUTH_FAILED" }, "Peer A is not asked again (AUTH_FAILED)"],
  [{ type: "resolving", at: 0, question: "mirror", peers: 2 }, undefined],
  [{ type: "resolving", at: 0, question: "manifest", peers: 0 }, undefined],
  [{ type: "question-failed", at: 0, question: "manifest", ...silent }, "No manifest: A says nothing"],
  [
    { type: "question-failed", at: 0, question: "mirror", ...silent, untilMs: 2000 },
    "A says nothing (TIMEOUT); it is asked again in 2.0 s",
  ],
  [
    { type: "question-retried", at: 0, question: "manifest", retry: 1, maxRetries: 3, untilMs: 1000 },
    "Asking again for the manifest (attempt 1/3)",
  ],
  [
    { type: "question-hedged", at: 0, question: "manifest", primary: "A", backup: "B" },
    "No manifest from A yet: B is asked, too",
  ],
  [{ type: "mirror-compared", at: 0, peer: "A" }, undefined],
  [{ type: "mirror-refused", at: 0, ...silent }, "A says nothing (TIMEOUT)"],
  [{ type: "mirror-postponed", at: 0, ...silent }, "A says nothing (TIMEOUT); it is asked again later"],
  [
    { type: "mirror-outvoted", at: 0, peer: "A" },
    "A was the first to answer, but the other mirrors have another file: what it brought is dropped, and theirs is fetched",
  ],
  [
    { type: "version-doubted", at: 0, message: "it is of another version", untilMs: 2000 },
    "it is of another version; they are asked again in 2.0 s",
  ],
  [
    { type: "file-changed", at: 0 },
    "The file has changed on the server during the download: its mirrors are asked what they have now",
  ],
  [{ type: "peer-busy", at: 0, peer: "A", code: "PEER_BUSY", untilMs: 2000 }, "Peer A is busy for 2.0 s (PEER_BUSY)"],
  [{ type: "attempt-started", ...leg, offset: 0 }, undefined],
  [{ type: "attempt-failed", ...failed, continued: false }, "Chunk 3: A failed: no answer within 60 s (TIMEOUT)"],
  [{ type: "attempt-failed", ...failed, continued: true }, undefined],
  [
    { type: "retry-scheduled", at: 0, chunk: 3, retry: 2, maxRetries: 3, delayMs: 2000 },
    "Retrying chunk 3 (attempt 2/3)",
  ],
  [
    { type: "peer-switched", at: 0, chunk: 3, from: "A", to: "B", reason: "TIMEOUT" },
    "Chunk 3: switched from A to B (TIMEOUT)",
  ],
  [
    { type: "hedge-started", at: 0, chunk: 3, primary: "A", backup: "B", reason: "slow-first-byte" },
    "Chunk 3: B is asked beside A (slow-first-byte)",
  ],
  [
    { type: "hedge-started", at: 0, chunk: 3, primary: "A", backup: "B", reason: "dead" },
    "Chunk 3: B takes the place of A (dead)",
  ],
  [
    { type: "hedge-started", at: 0, chunk: 3, primary: "B", backup: "B", reason: "dead" },
    "Chunk 3: B is asked once more (dead)",
  ],
  [{ type: "chunk-verified", at: 0, chunk: 3, bytes: 1, peers: {}, attempts: 1, elapsedMs: 1 }, undefined],
  [
    { type: "chunk-failed", at: 0, chunk: 3, code: "RETRIES_EXHAUSTED", attempts: 4 },
    "Chunk 3 gave up after 4 tries (RETRIES_EXHAUSTED)",
  ],
  [
    { type: "chunk-failed", at: 0, chunk: 3, code: "TIMEOUT", attempts: 1, parked: true },
    "Chunk 3 gave up after 1 try (TIMEOUT); it waits for another round",
  ],
  [{ type: "waiting", at: 0, reason: "busy", untilMs: 3000 }, "Waiting for 3.0 s: every peer is busy"],
  [{ type: "waiting", at: 0, reason: "no-peers" }, "Waiting: no peer to ask"],
  [
    { type: "waiting", at: 0, reason: "no-peers", untilMs: 300_000 },
    "Waiting for up to 5 min 00 s more for others (--peer-wait-secs): nobody who is known can be asked",
  ],
  [
    { type: "waiting", at: 1001, reason: "no-peers", untilMs: 12_000 },
    "Waiting for up to 11 s more for others (--peer-wait-secs): nobody who is known can be asked",
  ],
  [
    { type: "waiting", at: 0, reason: "lacking", chunks: 23, untilMs: 35_000 },
    "Waiting for up to 35 s more (--peer-wait-secs) for the 23 chunks that are lacking: nobody who can be asked has any",
  ],
  [
    { type: "waiting", at: 0, reason: "lacking", chunks: 1, untilMs: 35_000 },
    "Waiting for up to 35 s more (--peer-wait-secs) for the 1 chunk that is lacking: nobody who can be asked has it",
  ],
  [{ type: "waiting", at: 0, reason: "offline", untilMs: 2000 }, "Waiting for the network: it is tried again in 2.0 s"],
  [{ type: "waiting", at: 0, reason: "offline" }, "Waiting for the network: it is tried again"],
  [{ type: "notice", at: 0, message: "set aside" }, "set aside"],
  [
    { type: "recovering", at: 0, chunk: 3, peer: "A", code: "TIMEOUT" },
    "Recovering: chunk 3 is fetched again, A failed (TIMEOUT)",
  ],
  [
    { type: "recovered", at: 0, chunks: 2, retries: 3, switches: 1, replacements: 0, elapsedMs: 4200 },
    "Recovered after 3 retries, 1 switch in 4.2 s: 2 chunks",
  ],
  [
    { type: "recovered", at: 0, chunks: 1, retries: 1, switches: 0, replacements: 0, elapsedMs: 1000 },
    "Recovered after 1 retry in 1.0 s: 1 chunk",
  ],
  [
    { type: "recovered", at: 0, chunks: 1, retries: 0, switches: 0, replacements: 0, elapsedMs: 100 },
    "Recovered in 0.1 s: 1 chunk",
  ],
  [
    { type: "recovered", at: 0, chunks: 2, retries: 0, switches: 0, replacements: 2, elapsedMs: 100 },
    "Recovered after 2 replacements in 0.1 s: 2 chunks",
  ],
  [{ type: "progress", at: 0, ...progress }, undefined],
  [{ type: "checkpoint-saved", at: 0, done: 1 }, undefined],
  [{ type: "download-completed", at: 0, account }, "Done: 2.00 MB verified in 4.0 s (500 kB/s)"],
  [
    { type: "download-completed", at: 0, account: { ...account, received: 0 } },
    "Done: 2.00 MB verified, nothing had to be fetched",
  ],
  [{ type: "download-paused", at: 0, account }, "Paused at 1.00 MB of 2.00 MB; progress is saved"],
  [
    { type: "download-paused", at: 0, account: { ...account, size: 0, done: 0, verified: 0 } },
    "Paused before this run had anything to save",
  ],
  [
    { type: "download-failed", at: 0, account, code: "NO_PEERS", message: "none", failedChunks: [], resumable: true },
    "Failed: none (NO_PEERS)",
  ],
];

describe("describeEvent", () => {
  it.each(words)("describeEvent tells %j", (event, text) => expect(describeEvent(event)).toBe(text));
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [9_995, "10.0 kB"],
    [99_950, "100 kB"],
    [262_144, "262 kB"],
    [999_499, "999 kB"],
    [999_500, "1.00 MB"],
    [1_073_741_824, "1.07 GB"],
    [5e18, "5000 PB"],
  ])("formatBytes writes %d as %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
});

describe("formatDuration", () => {
  it.each([
    [0, "0.0 s"],
    [9949, "9.9 s"],
    [9950, "10 s"],
    [59_400, "59 s"],
    [59_600, "1 min 00 s"],
    [185_000, "3 min 05 s"],
    [3_600_000, "1 h 00 min"],
    [7_800_000, "2 h 10 min"],
  ])("formatDuration writes %d ms as %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});
