import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { concat, defer, lastValueFrom, NEVER, type Observable, of, throwError, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { addAccounts, emptyAccount } from "../../src/download/Account.js";
import { confirmChanges } from "../../src/discovery/confirmChanges.js";
import { Doubts } from "../../src/discovery/Doubts.js";
import { Outvoted } from "../../src/discovery/Outvoted.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { downloadFile } from "../../src/node.js";
import { answerWith, cleanUp, serve } from "../adapters/http/harness.js";
import { tempFolder } from "../tempFolder.js";
import { discoveryFor } from "./discoveryFor.js";
import { marbles } from "../operators/marbles.js";

afterEach(cleanUp);

const manifest = { root: "ab", name: "f", size: 1, chunkSize: 1, chunkCount: 1, integrity: "none" } as const;
const started: DownloadEvent = { type: "download-started", at: 0, manifest, resumedChunks: 0, resumedBytes: 0 };
const completed: DownloadEvent = {
  type: "download-completed",
  at: 0,
  account: addAccounts(emptyAccount, { size: 1, done: 1, verified: 1, resumed: 1 }),
};

function failing(code: DownloadErrorCode, ...before: readonly DownloadEvent[]): Observable<DownloadEvent> {
  const account = emptyAccount;
  const message = "as told";
  const failed = { type: "download-failed", at: 0, account, code, message, failedChunks: [], resumable: true } as const;
  return concat(
    of(...before, failed),
    throwError(() => new DownloadError(code, message)),
  );
}

/** The types of events of runs that go one after the other, the last one for all that come after. */
function typesOf(...runs: readonly Observable<DownloadEvent>[]) {
  let ran = 0;
  const types: string[] = [];
  const run = defer(() => runs[Math.min(ran++, runs.length - 1)] ?? NEVER);
  confirmChanges(run, { doubts: new Doubts(), outvoted: new Outvoted(), paused: NEVER }, discoveryFor()).subscribe({
    next: ({ type }) => types.push(type),
    error: (error: unknown) => types.push(error instanceof DownloadError ? error.code : "another error"),
  });
  return { types, ran };
}

describe("a download whose file changes", () => {
  const changed = failing("RESOURCE_CHANGED", started);

  it("A download whose file changes begins anew, with an event in place of its failure", () => {
    expect(typesOf(changed, of(started, completed))).toEqual({
      types: ["download-started", "file-changed", "download-started", "download-completed"],
      ran: 2,
    });
  });

  it("A download whose file changes again and again is given up after the third time", () => {
    const { types, ran } = typesOf(changed);
    expect(ran).toBe(4);
    expect(types.slice(-3)).toEqual(["download-started", "download-failed", "RESOURCE_CHANGED"]);
  });

  it("A download whose first mirror was outvoted begins anew at once, as often as there are mirrors", () => {
    const types: string[] = [];
    const outvoted = new Outvoted();
    let ran = 0;
    const run = defer(() => {
      ran += 1;
      if (ran > 6) return of(started, completed);
      outvoted.hear(`m${ran}`, []);
      return changed;
    });
    confirmChanges(run, { doubts: new Doubts(), outvoted, paused: NEVER }, discoveryFor()).subscribe((event) =>
      types.push(event.type === "mirror-outvoted" ? event.peer : event.type),
    );
    const begun = Array.from({ length: 6 }, (_, n) => ["download-started", `m${n + 1}`]).flat();
    expect(types).toEqual([...begun, "download-started", "download-completed"]);
  });

  it("A download whose file changes before it has begun has failed", () => {
    expect(typesOf(failing("RESOURCE_CHANGED"))).toEqual({ types: ["download-failed", "RESOURCE_CHANGED"], ran: 1 });
  });

  it("A download that fails without a change of its file has failed", () => {
    expect(typesOf(failing("LOCAL_IO", started)).ran).toBe(1);
  });

  it(
    "A download whose file may change is left when whoever asked for it leaves",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const run = cold("-s-", { s: started });
      expectObservable(
        confirmChanges(run, { doubts: new Doubts(), outvoted: new Outvoted(), paused: NEVER }, discoveryFor()),
        "^--!",
      ).toBe("-s", { s: started });
      expectSubscriptions(run.subscriptions).toBe("^--!");
    }),
  );
});

it(
  "A run that ended in doubt is followed by one after the wait of each retry, and then the doubt is its failure",
  marbles(({ scheduler }) => {
    const doubts = new Doubts();
    const run = defer(() => {
      doubts.raise({ why: "its size was 1 and is 2", isWeak: false });
      return failing("PEER_UNAVAILABLE", started);
    });
    const discovery = discoveryFor({ maxChunkRetries: 2, initialBackoffMs: 100, backoffMultiplier: 2 });
    const told: string[] = [];
    confirmChanges(run, { doubts, outvoted: new Outvoted(), paused: NEVER }, discovery).subscribe({
      next: (event) => told.push(`${scheduler.now()} ${event.type}`),
      error: (error: unknown) => told.push(`${scheduler.now()} ${error instanceof DownloadError ? error.code : ""}`),
    });
    scheduler.flush();
    expect(told).toEqual([
      ...["0 download-started", "0 version-doubted", "100 download-started", "100 version-doubted"],
      ...["300 download-started", "300 download-failed", "300 PEER_UNAVAILABLE"],
    ]);
  }),
);

it("A file that changes on its only mirror in mid-download comes whole, in its new version", async () => {
  const versions = [randomBytes(3_000_000), randomBytes(3_000_000)] as const;
  let asked = 0;
  const server = await serve((request, response) => {
    const version = asked++ < 4 ? 0 : 1;
    const etag = `"v${version}"`;
    const { "if-match": wanted } = request.headers;
    const answer: RequestListener =
      wanted === undefined || wanted === etag
        ? answerWith(versions[version], { etag })
        : (_request, refused) => refused.writeHead(412, { etag }).end();
    answer(request, response);
  });
  const out = join(await tempFolder(), "film");
  const events = await lastValueFrom(downloadFile(server.url, { out, catalogue: false }).pipe(toArray()));
  expect(versions[1].equals(await readFile(out))).toBe(true);
  expect(events.filter(({ type }) => type === "download-started")).toHaveLength(2);
  expect(events.filter(({ type }) => type === "download-failed")).toEqual([]);
  const said = events.flatMap((event) => (event.type === "notice" ? [event.message] : []));
  expect(events.filter(({ type }) => type === "file-changed")).toHaveLength(1);
  expect(said).toContainEqual(expect.stringContaining('its ETag was "v0" and is "v1". It is fetched anew'));
  const { account } = events.at(-1) as Extract<DownloadEvent, { type: "download-completed" }>;
  expect(account.waste.restart).toBeGreaterThan(0);
  expect(account.received).toBe(3_000_000 + (account.waste.restart ?? 0));
  expect(account.bytesByPeer).toEqual({ [server.url]: account.received });
  expect([account.resumed, account.resumes]).toEqual([0, 0]);
});
