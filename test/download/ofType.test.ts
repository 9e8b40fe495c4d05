import { from, lastValueFrom, map, type Observable, of, scan, toArray } from "rxjs";
import { expect, expectTypeOf, it } from "vitest";
import type { BlobEvent } from "../../src/browser.js";
import { describeEvent, type DownloadEvent, initialState, ofType, reduce } from "../../src/index.js";
import { emptyAccount } from "../../src/download/Account.js";
import type { FileEvent } from "../../src/node.js";

const done = { type: "download-completed", at: 1, account: { ...emptyAccount, size: 3, done: 3 } } as const;

it("ofType passes on the events of its types alone, with their fields", async () => {
  const events = from<FileEvent[]>([
    { type: "notice", at: 0, message: "hm" },
    { ...done, path: "film.mkv" },
  ]);
  const paths = events.pipe(
    ofType("download-completed"),
    map(({ path }) => path),
  );
  expect(await lastValueFrom(paths.pipe(toArray()))).toEqual(["film.mkv"]);
  const two = events.pipe(ofType("notice", "download-failed"));
  expect(await lastValueFrom(two.pipe(map(({ message }) => message)))).toBe("hm");
});

it("A type that shares its fields with others is told from them by ofType", async () => {
  const events = from<DownloadEvent[]>([
    { type: "peer-left", at: 0, peer: "a" },
    { type: "peer-joined", at: 0, peer: "b", source: "link" },
  ]);
  const peers = events.pipe(
    ofType("peer-left"),
    map(({ type, peer }) => `${type} ${peer}`),
  );
  expectTypeOf(
    events.pipe(
      ofType("peer-left"),
      map(({ type }) => type),
    ),
  ).toEqualTypeOf<Observable<"peer-left">>();
  expect(await lastValueFrom(peers.pipe(toArray()))).toEqual(["peer-left a"]);
});

it("The events of a file and of a blob are events of a download: reduce and describeEvent take them", async () => {
  expectTypeOf<BlobEvent>().toExtend<DownloadEvent>();
  expectTypeOf<FileEvent>().toExtend<DownloadEvent>();
  const blob = of<BlobEvent>({ ...done, blob: new Blob(["abc"]), name: "film.mkv" });
  expect(await lastValueFrom(blob.pipe(map(describeEvent)))).toMatch(/^Done: /);
  expect(await lastValueFrom(blob.pipe(scan(reduce, initialState)))).toMatchObject({ phase: "completed", done: 3 });
});
