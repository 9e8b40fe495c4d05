import { expect, it } from "vitest";
import { decodeAnswer, decodeRequest, encodeControl } from "../../src/control/controlCodec.js";
import { initialState } from "../../src/index.js";
import { pack } from "../../src/protocol/messagePack.js";

it("A request is read as it was written, with defaults for what was left out and without what nobody knows", () => {
  const request = { type: "add", id: 1, downloads: [{ sources: ["http://a/b"], later: true }], more: 1 };
  expect(decodeRequest(pack(request))).toEqual({
    ...{ type: "add", id: 1 },
    downloads: [{ sources: ["http://a/b"], options: {}, isForeign: false, priority: "normal", paused: false }],
  });
});

it("A state comes as it was, with what MessagePack cannot say left out on the way", () => {
  const snapshot = { state: initialState, map: { peers: [], chunks: Uint8Array.of(1, 0) }, log: [], options: {} };
  const details = [{ download: 1, snapshot, events: [] }];
  const answer = decodeAnswer(encodeControl({ type: "update", at: 1, details }));
  const told = answer.type === "update" ? answer.details[0]?.snapshot : undefined;
  expect(told?.state).toEqual(initialState);
  expect([...(told?.map.chunks ?? [])]).toEqual([1, 0]);
});

it.each([
  [{ type: "pause", id: 1, downloads: "some" }, /"pause" has a wrong downloads/],
  [{ type: "pause", id: -1, downloads: "all" }, /"pause" has a wrong id/],
  [{ type: "cancel", id: 1, downloads: [1], files: "shred" }, /"cancel" has a wrong files/],
  [{ type: "configure", id: 1, settings: { concurrency: 0 } }, /"configure" has a wrong settings.concurrency/],
  [{ type: "configure", id: 1, settings: { limitRate: Infinity } }, /"configure" has a wrong settings.limitRate/],
  [{ type: "sing", id: 1 }, /its type is "sing", expected one of hello, add/],
  [[1], /its type is undefined/],
])("A request that is none is refused with what is wrong: %j", (request, message) => {
  expect(() => decodeRequest(pack(request))).toThrow(message);
});
