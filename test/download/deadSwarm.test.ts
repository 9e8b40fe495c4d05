import { VirtualTimeScheduler } from "rxjs";
import { expect, it } from "vitest";
import { scriptedPeer } from "../../src/adapters/memory/scriptedPeer.js";
import { manifestOf, play, someBytes } from "./swarm.js";

const file = someBytes(200_000);
const manifest = await manifestOf(file, 1000);

it.each([1, 3, 5])(
  "A download ends about seven seconds after %d peers died in mid-download, whatever was under way",
  (count) => {
    const scheduler = new VirtualTimeScheduler();
    const peers = Array.from({ length: count }, (_, n) =>
      scriptedPeer(`peer-${n}`, file, {
        ...{ scheduler, roundTripMs: 10, bytesPerSecond: 20_000, pieceBytes: 100 },
        ...{ diesAfterBytes: Math.floor(80_000 / count), failWith: "CONNECTION_LOST" },
      }),
    );
    const told = play(() => peers, { manifest, scheduler });
    const lastByteAt = Math.max(...told.of("chunk-verified").map(({ at }) => at));
    expect(told.of("download-failed")).toMatchObject([{ code: "RETRIES_EXHAUSTED", resumable: true }]);
    expect(told.endedAt - lastByteAt).toBeGreaterThan(6500);
    expect(told.endedAt - lastByteAt).toBeLessThan(8500);
  },
);
