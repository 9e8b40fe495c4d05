/* What runs in the page of the tests. */
import { lastValueFrom, tap, toArray } from "rxjs";
import { type BlobEvent, downloadToBlob, type DownloadToBlobOptions } from "../../../src/browser.js";
import { OpfsThread } from "../../../src/adapters/browser/OpfsThread.js";
import { manyFiles } from "./manyFiles.js";
import { onDisk } from "./onDisk.js";
import { sharing } from "./sharing.js";

/** The end of a download, as far as it can be handed out of the page. */
export interface Ended {
  readonly last: string;
  readonly name?: string;
  readonly sha256?: string;
  readonly size?: number;
  readonly code?: string;
  readonly message?: string;
  readonly integrity?: string | undefined;
}

let seen: BlobEvent[] = [];

async function toBlob(
  sources: Parameters<typeof downloadToBlob>[0],
  options: DownloadToBlobOptions = {},
): Promise<Ended> {
  seen = [];
  const download = downloadToBlob(sources, options).pipe(tap((event) => seen.push(event)));
  await lastValueFrom(download.pipe(toArray())).catch(() => undefined);
  return endedBy(seen);
}

/** Events so far of the last download that began, in a few words each. */
function told(): readonly string[] {
  return seen.map((event) => (event.type === "waiting" ? `waiting: ${event.reason}` : event.type));
}

async function endedBy(events: readonly BlobEvent[]): Promise<Ended> {
  const last = events.at(-1);
  if (last?.type === "download-failed") return { last: last.type, code: last.code, message: last.message };
  if (last?.type !== "download-completed") return { last: last?.type ?? "nothing" };
  const { blob, name, account } = last;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { last: last.type, name, size: blob.size, sha256, integrity: account.integrity };
}

/** As `toBlob`, of a Metalink that the user has chosen. */
function fromMetalink(text: string, options: DownloadToBlobOptions = {}): Promise<Ended> {
  return toBlob(new File([text], "chosen.meta4"), options);
}

/** Scripts that the page has loaded. */
function scripts(): number {
  return performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js")).length;
}

/** What a page that may have no workers is told of the first and of a later question to the thread of a file, in words. */
async function deadThread(): Promise<readonly string[]> {
  const policy = document.createElement("meta");
  Object.assign(policy, { httpEquiv: "Content-Security-Policy", content: "worker-src 'none'" });
  document.head.append(policy);
  const thread = new OpfsThread("a.part");
  const asked = async (): Promise<string> =>
    thread.ask("open", "a.part").then(
      () => "open",
      (error: unknown) => String(error),
    );
  return [await asked(), await asked()];
}

const inPage = {
  deadThread,
  fromMetalink,
  scripts,
  toBlob,
  seen: told,
  onDisk,
  manyFiles,
  sharing,
};

/** The global object of the page. */
export interface InPage {
  readonly inPage: typeof inPage;
}

Object.assign(globalThis, { inPage });
