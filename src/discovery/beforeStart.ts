import { asyncScheduler } from "rxjs";
import type { Account } from "../download/Account.js";
import type { DownloadEvent, ManifestCard } from "../download/DownloadEvent.js";
import { isResumable } from "../download/resumable.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import { type FileFacts, type Integrity, integrityOf } from "../manifest/Manifest.js";

/** The account of a download that fetched nothing: of `size` bytes, `found` were here. */
export function untouchedAccount(size: number, found: number, integrity: Integrity = "chunks"): Account {
  return {
    size,
    integrity,
    verified: found,
    received: 0,
    resumed: found,
    bytesByPeer: {},
    waste: {},
    retries: {},
    waits: {},
    continuations: 0,
    switches: 0,
    troubledChunks: 0,
    hedges: {},
    recoveredChunks: 0,
    longestRecoveryMs: 0,
    failedChunks: 0,
    resumes: 0,
    elapsedMs: 0,
  };
}

function cardOf(facts: FileFacts): ManifestCard {
  const { root, name, size, chunkSize } = facts;
  return { root, name, size, chunkSize, chunkCount: chunkCount(facts), integrity: integrityOf(facts) };
}

/** The last event of a download that failed before it was told that it has started, and what had come by then, if anything. */
export function failedBeforeStart(
  { code, message }: DownloadError,
  at: number,
  came: Partial<Account> = {},
): DownloadEvent {
  const account = { ...untouchedAccount(0, 0), ...came };
  return { type: "download-failed", at, account, code, message, failedChunks: [], resumable: isResumable(code) };
}

/** The last event of a download that was paused before its first request for bytes. */
export function pausedBeforeStart(at: number): DownloadEvent {
  return { type: "download-paused", at, account: untouchedAccount(0, 0) };
}

/** The events of a file that came as a whole, whose size nobody knew before. */
export function startedAndDone(facts: FileFacts, at: number, account: Partial<Account>): readonly DownloadEvent[] {
  const { size } = facts;
  const whole = { ...untouchedAccount(size, size, integrityOf(facts)), resumed: 0, ...account };
  return [
    { type: "download-started", at, manifest: cardOf(facts), resumedChunks: 0, resumedBytes: 0 },
    { type: "download-completed", at, account: whole },
  ];
}

/** The events of a download whose file is here already. */
export function alreadyHere(manifest: FileFacts, where: string, at = asyncScheduler.now()): readonly DownloadEvent[] {
  const card = cardOf(manifest);
  const { size: resumedBytes, chunkCount: resumedChunks, integrity } = card;
  return [
    { type: "download-started", at, manifest: card, resumedChunks, resumedBytes },
    { type: "notice", at, message: `${where} is here already, and is the file that was asked for` },
    { type: "download-completed", at, account: untouchedAccount(resumedBytes, resumedBytes, integrity) },
  ];
}
