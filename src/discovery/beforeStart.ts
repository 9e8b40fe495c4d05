import { asyncScheduler, concat, type Observable, of, throwError } from "rxjs";
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

/** The failure of a download before it was told that it has started. */
export interface EarlyFailure {
  readonly error: DownloadError;
  /** Figures of what had come by then, or was here before. @default nothing */
  readonly came?: AccountEntry | undefined;
}

/** The last event of a download that failed so. */
export function failedBeforeStart({ error, came = {} }: EarlyFailure, at: number): DownloadEventOf<"download-failed"> {
  const { code, message } = error;
  const account = addAccounts(emptyAccount, came);
  return { type: "download-failed", at, account, code, message, failedChunks: [], resumable: isResumable(code) };
}

/** The end of a download that failed so: the last event, and the error. */
export function endBeforeStart(failure: EarlyFailure, at: number): Observable<DownloadEventOf<"download-failed">> {
  return concat(
    of(failedBeforeStart(failure, at)),
    throwError(() => failure.error),
  );
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
