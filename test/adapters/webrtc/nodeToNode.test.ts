import { readFile } from "node:fs/promises";
import { filter, firstValueFrom, lastValueFrom, map, takeWhile, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import { downloadFile } from "../../../src/assembly/node/downloadFile.js";
import { SharedFiles } from "../../../src/seeder/SharedFiles.js";
import { serveWhile } from "../../../src/tools/serveWhile.js";
import { downloading, seeded, serving } from "./harness.js";

const mib = 1024 * 1024;

describe("downloads that meet at a seeder", () => {
  it("A download gets from another one over a data channel what their seeder would take long for", async () => {
    const { link, out, bytes } = await seeded(64 * mib, { limitRate: 20_000 });
    const first = await serving(link, out("first"), bytes);
    const seen = await lastValueFrom(downloading(link, out("second")).events.pipe(toArray()));
    const last = seen.at(-1);
    if (last?.type !== "download-completed") throw new Error(last?.type);
    expect(bytes.equals(await readFile(out("second")))).toBe(true);
    const [met, ...others] = Object.entries(last.account.bytesByPeer).filter(([id]) => id.startsWith("rtc:"));
    expect(others).toEqual([]);
    expect(met?.[1]).toBeGreaterThan(60 * mib);
    const served = first.events.pipe(filter((event) => event.type === "chunk-served" && event.peer.startsWith("rtc:")));
    await firstValueFrom(served);
  });

  it("A channel that is open outlives the seeder at which its ends met", async () => {
    const { link, out, bytes, stop } = await seeded(4 * mib, { limitRate: 20_000 });
    await serving(link, out("first"), bytes);
    const second = downloading(link, out("second"));
    await firstValueFrom(second.events.pipe(filter((event) => event.type === "chunk-verified")));
    stop.unsubscribe();
    const last = await lastValueFrom(second.events);
    expect(last.type).toBe("download-completed");
    expect(bytes.equals(await readFile(out("second")))).toBe(true);
  });

  it("A download goes on with the seeder when the one that it met goes, as soon as the seeder says so", async () => {
    const { link, out, bytes } = await seeded(32 * mib, { limitRate: 20 * mib });
    const first = await serving(link, out("first"), bytes);
    const second = downloading(link, out("second"));
    const joined = second.events.pipe(
      map((event) => (event.type === "peer-joined" && event.peer.startsWith("rtc:") ? event.peer : undefined)),
      filter((id) => id !== undefined),
    );
    const met = await firstValueFrom(joined);
    first.stop.unsubscribe();
    const seen = await lastValueFrom(second.events.pipe(toArray()));
    expect(seen.some((event) => event.type === "peer-left" && event.peer === met)).toBe(true);
    expect(seen.at(-1)?.type).toBe("download-completed");
    expect(bytes.equals(await readFile(out("second")))).toBe(true);
  });

  it("A download that shares, and knows its seeder by two addresses, does not meet itself there", async () => {
    const { link, out } = await seeded(mib, { limitRate: 200_000 });
    const links = [link, link.replace("127.0.0.1", "localhost")];
    const shared = new SharedFiles();
    const download = downloadFile(links, { out: out("first"), shared, rtc: true, catalogue: false });
    const running = serveWhile(download, shared).pipe(takeWhile(({ type }) => type !== "download-completed", true));
    const seen = await lastValueFrom(running.pipe(toArray()));
    const joined = seen.flatMap((event) => (event.type === "peer-joined" ? event.peer : []));
    expect(joined.toSorted()).toEqual(links.map((each) => each.slice(0, each.lastIndexOf("/"))).toSorted());
  });

  it("A download without the option meets nobody, and is met by nobody", async () => {
    const { link, out, bytes } = await seeded(mib);
    await serving(link, out("first"), bytes);
    const seen = await lastValueFrom(downloadFile(link, { out: out("second"), catalogue: false }).pipe(toArray()));
    expect(seen.flatMap((event) => (event.type === "peer-joined" ? event.peer : []))).toEqual([
      expect.stringMatching(/^ws:/),
    ]);
  });
});
