import { concat, defer, EMPTY, from, map, of, throwError } from "rxjs";
import { describe, expect, it } from "vitest";
import { alreadyHere, failedBeforeStart, startedAndDone } from "../../src/assembly/beforeStart.js";
import { restartWhenChanged } from "../../src/assembly/restartWhenChanged.js";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import { plainFile } from "../../src/manifest/plainFile.js";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { marbles } from "../operators/marbles.js";

const facts = plainFile({ name: "f", size: 1 }, sha256);
const [started, done] = startedAndDone(facts, 0, {}) as [DownloadEvent, DownloadEvent];

/** Runs of which the n-th fails with the n-th code, or is done where there is none. */
function runs(codes: readonly (DownloadErrorCode | undefined)[], begins = true) {
  let run = 0;
  const each = defer(() => {
    const code = codes[run++];
    const start = begins ? of(started) : EMPTY;
    if (code === undefined) return concat(start, of(done));
    const error = new DownloadError(code, `run ${run}`);
    return concat(
      start,
      of(failedBeforeStart(error, 0)),
      throwError(() => error),
    );
  });
  return { each, count: () => run };
}

/** What came of it, one letter an event, and the error. */
function told(each: ReturnType<typeof runs>["each"]) {
  let letters = "";
  let error: unknown;
  restartWhenChanged(each, () => 7).subscribe({
    next: ({ type }) =>
      (letters += { "download-started": "s", "download-completed": "c", notice: "n" }[type as string] ?? "f"),
    error: (thrown: unknown) => (error = thrown),
  });
  return { letters, error };
}

describe("a download whose file changes on its mirrors", () => {
  it("is begun anew, with a notice in place of its failure", () => {
    const { each, count } = runs(["RESOURCE_CHANGED", undefined]);
    expect(told(each)).toEqual({ letters: "snsc", error: undefined });
    expect(count()).toBe(2);
  });

  it("says so, with the time", () => {
    const events: DownloadEvent[] = [];
    restartWhenChanged(runs(["RESOURCE_CHANGED"]).each, () => 7).subscribe((event) => events.push(event));
    const message = "The file has changed on the server during the download: it is fetched anew";
    expect(events[1]).toEqual({ type: "notice", at: 7, message });
  });

  it("is begun anew three times, then fails", () => {
    const { each, count } = runs(Array<DownloadErrorCode>(9).fill("RESOURCE_CHANGED"));
    expect(told(each)).toMatchObject({ letters: "snsnsnsf", error: { code: "RESOURCE_CHANGED", message: "run 4" } });
    expect(count()).toBe(4);
  });

  it("has its three times for each subscription", () => {
    const { each } = runs([...Array<DownloadErrorCode>(4).fill("RESOURCE_CHANGED"), "RESOURCE_CHANGED", undefined]);
    const restarting = restartWhenChanged(each, () => 0);
    restarting.subscribe({ error: () => undefined });
    let last = "";
    restarting.subscribe(({ type }) => (last = type));
    expect(last).toBe("download-completed");
  });

  it.each(["CHECKSUM_MISMATCH", "NO_PEERS"] as const)("but not one that fails for another cause, like %s", (code) => {
    expect(told(runs([code, undefined]).each)).toMatchObject({ letters: "sf", error: { code } });
  });

  it("but not one that had not begun: there the mirrors have never agreed", () => {
    const { each, count } = runs(["RESOURCE_CHANGED", undefined], false);
    expect(told(each)).toMatchObject({ letters: "f", error: { code: "RESOURCE_CHANGED" } });
    expect(count()).toBe(1);
  });

  it("passes on the events of one that ends well", () => {
    expect(told(from(alreadyHere(facts, "f", 0))).letters).toBe("snc");
  });

  it(
    "stops when it is unsubscribed",
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const run = cold("s----", { s: started });
      expectObservable(restartWhenChanged(run, () => 0).pipe(map(() => "s")), "^--!").toBe("s");
      expectSubscriptions(run.subscriptions).toBe("^--!");
    }),
  );
});
