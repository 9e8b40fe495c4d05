import type { AccountEntry } from "./Account.js";
import type { DownloadEvent, DownloadEventOf } from "./DownloadEvent.js";
import { isTrouble } from "./Recovery.js";

/** Memory of earlier events that later ones need. */
export interface Journal {
  /** Chunks that failed and are not verified yet: when first, and why last. */
  readonly troubled: Map<number, { readonly since: number; readonly code: string }>;
  readonly givenUp: Set<number>;
  /** Wait that was told last. */
  wait?: { readonly reason: string; readonly untilMs: number | undefined };
}

/** Addition of an event to the account of its download; the journal is brought up to date. */
export function bookEvent(event: DownloadEvent, journal: Journal): AccountEntry | undefined {
  const { troubled, givenUp } = journal;
  switch (event.type) {
    case "attempt-failed":
      return bookFailure(event, journal);
    case "retry-scheduled":
      return { retries: { [troubled.get(event.chunk)?.code ?? "UNKNOWN"]: 1 } };
    case "peer-switched":
      return { switches: 1 };
    case "hedge-started":
      return { hedges: { [event.reason]: 1 } };
    case "waiting":
      return bookWait(event, journal);
    case "chunk-failed":
      if (givenUp.has(event.chunk)) return undefined;
      givenUp.add(event.chunk);
      return { failedChunks: 1 };
    case "chunk-verified":
    case "chunk-stored":
      return bookComplete(event, journal);
    default:
      return undefined;
  }
}

/** A wait for others that is told again while it lasts is one. */
function bookWait({ reason, untilMs }: DownloadEventOf<"waiting">, journal: Journal): AccountEntry | undefined {
  const { wait } = journal;
  journal.wait = { reason, untilMs };
  const isForOthers = reason === "no-peers" || reason === "lacking";
  const isKnown = isForOthers && untilMs !== undefined && wait?.reason === reason && wait.untilMs === untilMs;
  return isKnown ? undefined : { waits: { [reason]: 1 } };
}

function bookFailure(event: DownloadEventOf<"attempt-failed">, { troubled }: Journal): AccountEntry {
  const { chunk, at, code } = event;
  const continuations = Number(event.continued && event.received > 0 && event.verdict === "retry");
  if (!isTrouble(event)) return { continuations };
  const known = troubled.get(chunk);
  troubled.set(chunk, { since: known?.since ?? at, code });
  return { continuations, troubledChunks: Number(known === undefined) };
}

function bookComplete(
  { type, chunk, bytes, at, resumed }: DownloadEventOf<"chunk-verified" | "chunk-stored">,
  { troubled, givenUp }: Journal,
): AccountEntry {
  const trouble = troubled.get(chunk);
  troubled.delete(chunk);
  return {
    done: bytes,
    ...(type === "chunk-verified" && { verified: bytes }),
    ...(resumed && { resumed: bytes }),
    ...(givenUp.delete(chunk) && { failedChunks: -1 }),
    ...(trouble && { recoveredChunks: 1, longestRecoveryMs: at - trouble.since }),
  };
}
