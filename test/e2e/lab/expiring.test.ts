import { describe, expect } from "vitest";
import type { Answer, Handler } from "./Exchange.js";
import { rate } from "./faults/pace.js";
import { facts, it } from "./harness.js";
import { plainAnswer, serve } from "./serve.js";

const size = 8 * 1024 * 1024;
const login = plainAnswer(200, { "content-type": "text/html" }, "<html>Sign in</html>\n");
const unsized: Answer = { ...login, headers: { "content-type": "text/html" }, framing: "chunked" };

/** An address that redirects to one that is good for so many requests, and then says this. */
function signing(file: Handler, lasts: number, expired: Answer): Handler {
  const uses = new Map<string, number>();
  return (ask) => {
    if (ask.path === "/login") return login;
    if (ask.path === "/file.bin") return plainAnswer(302, { location: `/signed?number=${uses.size + Math.random()}` });
    const used = uses.get(ask.path) ?? 0;
    uses.set(ask.path, used + 1);
    return used < lasts ? file(ask) : expired;
  };
}

describe.concurrent(
  "a file is got whole from an address whose redirects lead to one that expires, and has then",
  () => {
    it.for<readonly [string, Answer]>([
      ["403", plainAnswer(403)],
      ["a page", login],
      ["a page of unknown length", unsized],
      ["a redirect to a page", plainAnswer(302, { location: "/login" })],
      ["an error in JSON", plainAnswer(200, { "content-type": "application/json" }, '{"error":"expired"}')],
      ["nothing", plainAnswer(200)],
      ["204", plainAnswer(204)],
      ["400", plainAnswer(400)],
      ["416", plainAnswer(416)],
    ])("%s", async ([, expired], { lab }) => {
      const content = await lab.file(size);
      await lab.start(signing(serve(content, facts, rate(2_000_000)), 6, expired));
      const get = lab.get();
      expect([await get.ended(), get.stderr]).toEqual([0, ""]);
      expect(await lab.isRight()).toBe(true);
      expect(lab.ratio).toBeLessThan(1.5);
      // A busy machine may think that a request stalls.
      const failed = get.all("attempt-failed").filter(({ code }) => code !== "STALLED");
      expect([...failed, ...get.all("file-changed")]).toEqual([]);
    });
  },
);
