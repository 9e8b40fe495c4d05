import { asyncScheduler } from "rxjs";
import { type Account, type AccountEntry, addAccounts, emptyAccount } from "../download/Account.js";
import type { DownloadEvent, DownloadEventOf, ManifestCard } from "../download/DownloadEvent.js";
import { isResumable } from "../download/resumable.js";
import type { DownloadError } from "../errors/DownloadError.js";
import { chunkCount } from "../manifest/chunks.js";
import { checksOf, type FileFacts, integrityOf } from "../manifest/Manifest.js";

function cardOf(facts: FileFacts): ManifestCard {
  const { root, name, size, chunkSize } = facts;
  return { root, name, size, chunkSize, chunkCount: chunkCount(facts), integrity: integrityOf(facts) };
}

/** The account of a file whose bytes are all there, and verified where a digest proves them. */
function allDone(facts: FileFacts): Pick<Account, "done" | "verified"> {
  const integrity = integrityOf(facts);
  return { done: facts.size, verified: integrity === "chunks" || integrity === "file" ? facts.size : 0 };
}

/** The last event of a download that failed before it was told that it has started, and what had come by then, if anything. */
export function failedBeforeStart(
  { code, message }: DownloadError,
  at: number,
  came: AccountEntry = {},
): DownloadEventOf<"download-failed"> {
  const account = addAccounts(emptyAccount, came);
  return { type: "download-failed", at, account, code, message, failedChunks: [], resumable: isResumable(code) };
}

/** The last event of a download that was paused before its first request for bytes. */
export function pausedBeforeStart(at: number): DownloadEventOf<"download-paused"> {
  return { type: "download-paused", at, account: emptyAccount };
}

/** The events of a file that came as a whole, whose size nobody knew before. */
export function startedAndDone(facts: FileFacts, at: number, account: AccountEntry): readonly DownloadEvent[] {
  const { size } = facts;
  const whole = addAccounts(
    emptyAccount,
    { size, integrity: integrityOf(facts), checks: checksOf(facts), ...allDone(facts) },
    account,
  );
  return [
    { type: "download-started", at, manifest: cardOf(facts), resumedChunks: 0, resumedBytes: 0 },
    { type: "download-completed", at, account: whole },
  ];
}

/** The events of a download whose file is here already. */
export function alreadyHere(manifest: FileFacts, at = asyncScheduler.now()): readonly DownloadEvent[] {
  const card = cardOf(manifest);
  const { size, chunkCount: resumedChunks, integrity } = card;
  const checks = checksOf(manifest);
  const account = addAccounts(emptyAccount, { size, integrity, checks, ...allDone(manifest), resumed: size });
  return [
    { type: "download-started", at, manifest: card, resumedChunks, resumedBytes: size },
    { type: "download-completed", at, account },
  ];
}
