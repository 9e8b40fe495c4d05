import { describe, expect } from "vitest";
import type { Handler } from "./Exchange.js";
import type { FaultServer } from "./FaultServer.js";
import { breaksOnceAt } from "./faults/bodies.js";
import { rate } from "./faults/pace.js";
import type { Lab } from "./harness.js";
import { it } from "./harness.js";
import { plainAnswer, serve } from "./serve.js";

const size = 8 * 1024 * 1024;

/** An address that redirects to each of two servers in turn; they have the file with validators of their own, and break now and then. */
async function redirectorOf(lab: Lab): Promise<FaultServer> {
  const content = await lab.file(size);
  const place = (version: number) => {
    const facts = { etag: `"server ${version}"`, lastModified: `Sat, 0${version} Jan 2022 00:00:00 GMT` };
    const breaks = [1, 3, 5, 7].map((at) => breaksOnceAt(at * 1_000_000));
    return lab.start(serve(content, facts, ...breaks, rate(8_000_000)));
  };
  const places = [await place(1), await place(2)];
  let turn = 0;
  const redirect: Handler = () => plainAnswer(302, { location: places[turn++ % places.length]?.url ?? "" });
  return lab.start(redirect);
}

describe.concurrent("a mirror that redirects to one server after another", () => {
  it("A redirector to one server after another gives the file, however often they break", async ({ lab }) => {
    const redirector = await redirectorOf(lab);
    const get = lab.getBy(redirector.url);
    expect([await get.ended(), get.all("peer-excluded")]).toEqual([0, []]);
    expect(await lab.isRight()).toBe(true);
    // Each break loses what the connection held.
    expect(lab.ratio).toBeLessThan(1.3);
    expect(Math.min(...lab.servers.map(({ requests }) => requests))).toBeGreaterThan(2);
  });

  it("A download from a redirector goes on where a run before has stopped, at another server", async ({ lab }) => {
    const redirector = await redirectorOf(lab);
    const first = lab.getBy(redirector.url);
    await redirector.until("half is served", () => lab.ratio >= 0.5);
    await first.kill("SIGINT");
    const second = lab.getBy(redirector.url);
    expect([await second.ended(), second.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
    // What eight connections held when it stopped was served as well.
    expect(lab.ratio).toBeLessThan(1.5);
  });
});
