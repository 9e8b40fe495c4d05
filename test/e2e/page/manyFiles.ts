/* The part of a page's code that downloads lists of files. */
import { filter, firstValueFrom, lastValueFrom, ReplaySubject } from "rxjs";
import {
  type BlobEvent,
  downloadAllToBlobs,
  downloadAllToOpfs,
  type FileOutcome,
  type ListEvent,
  type OpfsEvent,
} from "../../../src/browser.js";

type Event = BlobEvent | OpfsEvent;

/** Entries as they can be handed into the page: a Metalink is text. */
type Entries = readonly (string | { readonly metalink: string; readonly select?: readonly string[] })[];

const entriesOf = (entries: Entries) =>
  entries.map((entry) =>
    typeof entry === "string"
      ? entry
      : { sources: new File([entry.metalink], "chosen.meta4"), ...(entry.select && { select: entry.select }) },
  );

let told = new ReplaySubject<ListEvent<Event>>(Infinity);
let list: { cancel(file: number, what?: "keep" | "remove"): void; retry(file: number): void };

/** Begins a list; `until` and `ended` speak of the last one. */
function begin(door: "toBlobs" | "toOpfs", entries: Entries, concurrency: number): void {
  told = new ReplaySubject(Infinity);
  const options = { concurrency };
  if (door === "toBlobs") {
    const blobs = downloadAllToBlobs(entriesOf(entries), options);
    list = blobs;
    blobs.events.subscribe(told);
  } else {
    const files = downloadAllToOpfs(entriesOf(entries), options);
    list = files;
    files.events.subscribe(told);
  }
}

/** The end of each file, as far as it can be handed out of the page. */
async function ended() {
  const last = await lastValueFrom(told);
  if (last.type !== "list-ended") throw new Error(`the last event is ${last.type}`);
  return { total: last.total, files: await Promise.all(last.outcomes.map((outcome) => plain(outcome))) };
}

async function plain(outcome: FileOutcome<Event>) {
  if (outcome.status === "failed") return { status: outcome.status, code: outcome.error.code };
  if (outcome.status !== "completed") return { ...outcome };
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await outcome.blob.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { status: outcome.status, name: outcome.name, sha256 };
}

/** Resolves when a file says an event of this type, or has ended. */
async function until(file: number, type: Event["type"] | "file-ended"): Promise<void> {
  const isIt = (event: ListEvent<Event>): boolean =>
    (event.type === "file-event" && event.file === file && event.event.type === type) ||
    (event.type === "file-ended" && event.outcome.file === file && type === "file-ended");
  await firstValueFrom(told.pipe(filter(isIt)));
}

const cancel = (file: number, what?: "keep" | "remove"): void => list.cancel(file, what);
const retry = (file: number): void => list.retry(file);

export const manyFiles = { begin, cancel, ended, retry, until };
