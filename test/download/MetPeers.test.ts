import { expect, it } from "vitest";
import type { DownloadEvent } from "../../src/download/DownloadEvent.js";
import { MetPeers } from "../../src/download/MetPeers.js";
import type { PeerOrigin } from "../../src/peers/NamedAddress.js";
import { unknownPeer } from "../../src/peers/PeerRecord.js";

const joined = (peer: string, source: PeerOrigin): DownloadEvent => ({ type: "peer-joined", peer, source, at: 0 });
const verified = (peers: Readonly<Record<string, number>>, resumed = false): DownloadEvent => ({
  ...{ type: "chunk-verified", chunk: 0, bytes: 10, peers, attempts: 1, elapsedMs: 1, at: 0 },
  ...(resumed && { resumed }),
});
const [told, listed, named] = ["ws://192.0.2.1:1", "ws://192.0.2.2:2", "ws://192.0.2.3:3"];

it("Peers that strangers told of are kept with what they brought, in all runs; those that a user named are not, nor names for a connection", () => {
  const met = new MetPeers([{ url: told, source: "exchange", bytes: 5 }]);
  const all = [joined(told, "record"), joined(listed, "dht"), joined(named, "link"), joined("rtc:0", "exchange")];
  for (const event of all) met.note(event);
  met.note(verified({ [told]: 4, [named]: 6 }));
  met.note(verified({ [listed]: 7, "rtc:0": 3 }));
  expect(met.useful({})).toEqual([
    { url: told, source: "exchange", bytes: 9 },
    { url: listed, source: "dht", bytes: 7 },
  ]);
});

it("A peer that brought nothing, something that was here already, or something wrong is not kept", () => {
  const met = new MetPeers([]);
  for (const peer of [told, listed, named]) met.note(joined(peer, "lan"));
  met.note(verified({ [listed]: 10 }, true));
  met.note(verified({ [named]: 10 }));
  expect(met.useful({ [named]: { ...unknownPeer, quarantinedFor: "INVALID_CHUNK" } })).toEqual([]);
  expect(met.useful({})).toEqual([{ url: named, source: "lan", bytes: 10 }]);
});
