import { EMPTY, lastValueFrom, of, toArray } from "rxjs";
import { expect, it } from "vitest";
import { downloadAllToBlobs } from "../../../src/assembly/browser/downloadAllToBlobs.js";
import { downloadToBlob } from "../../../src/assembly/browser/downloadToBlob.js";
import { serveWhile } from "../../../src/assembly/browser/serveWhile.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";

const link = `ws://127.0.0.1:1/${"ab".repeat(32)}`;

it("A download in a page that is shared needs WebRTC, for one file and for lists", () => {
  const shared = new SharedFiles();
  for (const rtc of [undefined, false]) {
    expect(() => downloadToBlob(link, { shared, rtc })).toThrow("shared needs the option rtc");
    expect(() => downloadAllToBlobs([link], { shared, rtc })).toThrow("shared needs the option rtc");
  }
  expect(() => downloadToBlob(link, { shared, rtc: true })).not.toThrow();
  expect(() => downloadAllToBlobs([link], { shared, rtc: true })).not.toThrow();
  expect(() => downloadToBlob(link, { shared: JSON.parse("{}") as SharedFiles, rtc: true })).toThrow(
    "it must be SharedFiles",
  );
});

it("Options of serveWhile in a page are held to what they may be", () => {
  const shared = new SharedFiles();
  expect(() => serveWhile(EMPTY, shared, { ratio: -1 })).toThrow("ratio is -1");
  expect(() => serveWhile(EMPTY, shared, { minutes: Infinity })).toThrow("minutes is Infinity");
  expect(() => serveWhile(EMPTY, shared, { limitRate: 0.5 })).toThrow("limitRate is 0.5");
  expect(() => serveWhile(EMPTY, JSON.parse("{}") as SharedFiles)).toThrow("it must be SharedFiles");
  expect(() => serveWhile(EMPTY, shared, JSON.parse('{"port": 1}') as object)).toThrow('unknown option "port"');
});

it("What a page serves ends with the downloads where they share nothing", async () => {
  const events = serveWhile(of("one", "two"), new SharedFiles());
  expect(await lastValueFrom(events.pipe(toArray()))).toEqual(["one", "two"]);
});
