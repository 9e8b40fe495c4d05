import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, cleanUp, fileOf, serve } from "./harness.js";

const client = fileURLToPath(new URL("laneClient.ts", import.meta.url));

afterEach(cleanUp);

/** What a client tells on its standard error that reads 10 bytes in the ordinary way, then 5000 by the direct lane, and closes its peer twice. */
async function told(url: string, debug: string): Promise<string> {
  const env = { ...process.env, NODE_DEBUG: debug };
  const child = spawn(process.execPath, ["--import", "tsx", client, url], { env, stdio: ["ignore", "ignore", "pipe"] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close") as Promise<[number]>]);
  expect(code).toBe(0);
  return said;
}

describe("a line that is closed", () => {
  it("A line that is closed tells once how much came by which way, without secrets, where NODE_DEBUG names tributary", async () => {
    const { url, port } = await serve(answerWith(fileOf(10_000)));
    const said = await told(`${url.replace("//", "//me:secret@")}?key=secret`, "tributary");
    const lines = said.split("\n").filter((line) => line.includes("direct"));
    expect(lines).toEqual([
      expect.stringMatching(`^TRIBUTARY \\d+: http://127\\.0\\.0\\.1:${port}: direct 5000 bytes, ordinary 10 bytes$`),
    ]);
    expect(said).not.toContain("secret");
  });

  it("A line that is closed tells nothing where NODE_DEBUG does not name tributary", async () => {
    const { url } = await serve(answerWith(fileOf(10_000)));
    expect(await told(url, "")).not.toContain("direct");
  });
});
