import { firstValueFrom, of, throwError } from "rxjs";
import { downloadFile } from "rx-tributary/node";
import { askPeers } from "rx-tributary/operators";
import { simulateSwarm } from "rx-tributary/testing";

test("The second peer is asked when the first is dead", async () => {
  const attempt = (peer) => (peer === "dead" ? throwError(() => new Error("dead")) : of(peer));
  expect(await firstValueFrom(askPeers(["dead", "alive"], attempt, { classify: () => "switch" }))).toBe("alive");
});

test("A swarm is simulated", () => {
  expect(simulateSwarm({ seed: 1, chunks: 4, peers: [{ id: "a", bytesPerSecond: 1e6 }] }).outcome).toBe("completed");
});

test("The door for Node opens", () => {
  expect(downloadFile).toBeInstanceOf(Function);
});
