import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DaemonStage } from "./DaemonStage.js";

const asked = 600;

/** A list whose statistics have three years of days: 165 kB an answer. */
async function threeYears(state: string): Promise<void> {
  const figures = { received: 2 ** 40, completed: 9, completedBytes: 2 ** 40, failed: 9, retries: 9, switches: 9 };
  const days = Array.from({ length: 1100 }, () => ({ day: "2026-11-29", ...figures, recovered: 9 }));
  const settings = { concurrency: 3, limitRate: null, dir: state, retry: {} };
  const record = { version: 1, nextId: 1, settings, downloads: [], days };
  await writeFile(join(state, "downloads.json"), JSON.stringify(record));
}

/** Bytes of buffers in this process, when a hundred rounds of the event loop have passed. */
async function held(): Promise<number> {
  let most = 0;
  for (let round = 0; round < 100; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  return most;
}

it("A client that asks for much and reads nothing costs a few megabytes, and has every answer once when it reads", async () => {
  const stage = await DaemonStage.start(threeYears);
  const { socket, heard, say } = await stage.socket();
  const before = await held();
  socket.pause();
  for (let id = 1; id <= asked; id += 1) say({ type: "statistics", id });
  // A hundred megabytes of answers, of which nobody takes any.
  expect((await held()) - before).toBeLessThan(20e6);
  const other = await stage.socket();
  other.say({ type: "statistics", id: 7 });
  await expect.poll(() => other.heard.map(({ type }) => type)).toEqual(["hello", "statistics"]);
  socket.resume();
  await expect.poll(() => heard.length).toBe(asked + 1);
  const answered = heard.flatMap((answer) =>
    answer.type === "statistics" && answer.days.length === 1100 ? answer.id : [],
  );
  expect(answered).toEqual(Array.from({ length: asked }, (_, place) => place + 1));
});
