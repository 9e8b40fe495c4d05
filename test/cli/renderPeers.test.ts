import { expect, it } from "vitest";
import { renderPeers } from "../../src/cli/show/renderPeers.js";
import type { KnownPeer } from "../../src/node.js";

const now = new Date(2026, 2, 1, 9, 5, 7).getTime();

it("A round trip that is too short to show is not shown as none", () => {
  const known: KnownPeer = { peer: "b", ok: 1, failed: 0, state: "ok", heardAt: now, roundTripMs: 0.04 };
  expect(renderPeers([known], "/s", now)[1]).toContain("<0.1 ms");
  expect(renderPeers([{ ...known, roundTripMs: 0.1 }], "/s", now)[1]).toContain(" 0.1 ms");
});

it("renderPeers shows a row a peer, in columns, without anything that a terminal would obey", () => {
  const known: KnownPeer[] = [
    {
      ...{
        peer: "ws://a\u001B[31m:1",
        ok: 3,
        failed: 1,
        successRate: 0.75,
        bytesPerSecond: 1_500_000,
        roundTripMs: 2.25,
      },
      ...{ state: "blacklisted", blacklistedUntil: now + 185_000, why: "TIMEOUT", heardAt: now - 60_000 },
    },
    { peer: "b", ok: 0, failed: 0, state: "quarantined", why: "CHECKSUM_MISMATCH", heardAt: now - 1000 },
  ];
  expect(renderPeers(known, "/s\n", now)).toEqual([
    "peer                rate  round trip  success  state                                                  why                last heard",
    "ws://a [31m:1  1.50 MB/s      2.3 ms     75 %  blacklisted until 2026-03-01 09:08:12 (in 3 min 05 s)  TIMEOUT            2026-03-01 09:04:07 (1 min 00 s ago)",
    "b                                              quarantined                                            CHECKSUM_MISMATCH  2026-03-01 09:05:06 (1.0 s ago)",
    "kept in /s ",
  ]);
});
