import { concat, EMPTY, NEVER, type Observable, of, Subject, throwError } from "rxjs";
import { expect, it } from "vitest";
import { Searches } from "../../../src/assembly/node/Searches.js";
import type { PeerFinder } from "../../../src/assembly/Assembly.js";
import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { HearSearch, SearchNews } from "../../../src/peers/SearchNews.js";
import { failedBeforeStart } from "../../../src/discovery/beforeStart.js";

const news = (by: "dht" | "lan", outcome: SearchNews["outcome"], message: string): SearchNews => ({
  by,
  outcome,
  message,
});

/** Searches that tell of themselves when `hear` is called, and what a download with them tells. */
function searching(events: Observable<DownloadEvent>) {
  let hear: HearSearch = () => undefined;
  const finder: PeerFinder = (_root, heard) => {
    hear = heard;
    return NEVER;
  };
  const searches = new Searches(finder);
  const told: DownloadEvent[] = [];
  let error: unknown;
  events
    .pipe(searches.told())
    .subscribe({ next: (event) => told.push(event), error: (thrown: unknown) => (error = thrown) });
  const words = (): readonly string[] => told.flatMap((event) => ("message" in event ? [event.message] : []));
  return { look: () => searches.finder?.("ab"), hear: (each: SearchNews) => hear(each), words, error: () => error };
}

/** A download that fails with `error` when that emits. */
const failing = (error: DownloadError) =>
  concat(
    of(failedBeforeStart({ error }, 5)),
    throwError(() => error),
  );
const started: DownloadEvent = {
  type: "download-started",
  at: 3,
  manifest: { name: "a", size: 1, chunkSize: 1, chunkCount: 1, integrity: "none", root: "" },
  resumedChunks: 0,
  resumedBytes: 0,
};

it("What a search comes to is told once each, and stands in the error when nobody came", () => {
  const end = new Subject<DownloadEvent>();
  const error = new DownloadError("NO_PEERS", "no peer appeared within 5 s");
  const { look, hear, words, ...stage } = searching(concat(end, failing(error)));
  look();
  hear(news("dht", "silent", "no node answers"));
  hear(news("dht", "silent", "no node answers"));
  hear(news("lan", "unknown", "2 seeders, none has it"));
  expect(words()).toEqual(["no node answers", "2 seeders, none has it"]);
  end.complete();
  const text = "no peer appeared within 5 s; no node answers; 2 seeders, none has it";
  expect(words().slice(2)).toEqual([text]);
  expect(stage.error()).toMatchObject({ code: "NO_PEERS", message: text });
});

it("An error of a search that has found somebody, of another kind, or of no search is as it was", () => {
  const end = new Subject<DownloadEvent>();
  const none = new DownloadError("NO_PEERS", "no peer is left");
  const found = searching(concat(end, failing(none)));
  found.look();
  found.hear(news("dht", "silent", "no node answers"));
  found.hear(news("dht", "found", "found"));
  end.complete();
  expect(found.error()).toMatchObject({ message: "no peer is left" });
  const other = searching(failing(new DownloadError("LOCAL_IO", "no room")));
  other.look();
  expect(other.error()).toMatchObject({ message: "no room" });
  expect(searching(failing(none)).error()).toMatchObject({ message: "no peer is left" });
});

it("Whatever one more peer might have kept from ending says why none was found, with all else that it says", () => {
  const lost = new DownloadError("FILE_NOT_FOUND_ANYWHERE", "A lacks it", { peer: "A", cause: "why" });
  const end = new Subject<DownloadEvent>();
  const { look, hear, ...stage } = searching(concat(end, failing(lost)));
  look();
  hear(news("dht", "unknown", "nobody is listed"));
  end.complete();
  const message = "A lacks it; nobody is listed";
  expect(stage.error()).toMatchObject({ code: "FILE_NOT_FOUND_ANYWHERE", message, peer: "A", cause: "why" });
});

it("A search that has said nothing yet is named in the error", () => {
  const end = new Subject<DownloadEvent>();
  const { look, ...stage } = searching(concat(end, failing(new DownloadError("NO_PEERS", "no peer appeared"))));
  look();
  end.complete();
  expect(stage.error()).toMatchObject({ message: "no peer appeared; nobody has answered yet who was asked for peers" });
});

it("A file without a root is looked for nowhere, and that is told when it begins", () => {
  const begun = new Subject<DownloadEvent>();
  const without = searching(begun);
  begun.next(started);
  expect(without.words()).toEqual([expect.stringMatching(/^peers are looked for by the root of a file/)]);
  const looked = searching(concat(begun, EMPTY));
  looked.look();
  begun.next(started);
  expect(looked.words()).toEqual([]);
});
