import { lastValueFrom, map, NEVER, type Observable, of, Subject, toArray } from "rxjs";
import { describe, expect, it, vi } from "vitest";
import "../../../src/assembly/browser/assemblePage.js"; // here, so that no test waits for its code to be transformed
import { sha256 } from "../../../src/adapters/browser/sha256.js";
import type { Assembly } from "../../../src/assembly/Assembly.js";
import { assembleLater } from "../../../src/assembly/browser/assembleLater.js";
import { downloadToBlob } from "../../../src/browser.js";
import { resolveConfig } from "../../../src/download/DownloadConfig.js";
import type { DownloadEvent } from "../../../src/download/DownloadEvent.js";

const notice = (message: string): DownloadEvent => ({ type: "notice", at: 0, message });
const dial = (): Observable<never> => NEVER;

const assembly = (parts: Partial<Assembly> = {}): Assembly => ({
  request: () => NEVER,
  more: undefined,
  sockets: { dial },
  http: { connect: () => ({ send: () => NEVER, renew: () => undefined, close: () => undefined }) },
  online: NEVER,
  digest: sha256,
  config: resolveConfig({}),
  target: () => NEVER,
  leave: () => undefined,
  ...parts,
});

describe("assembleLater", () => {
  it("A download whose code cannot be loaded fails before its start as LOCAL_IO, and the next subscription tries again", async () => {
    const loads = [
      () => Promise.reject(new TypeError("Failed to fetch dynamically imported module: /assemblePage.js")),
      () => Promise.resolve(() => of(notice("loaded"))),
    ];
    const events = assembleLater(assembly(), () => (loads.shift() ?? loads[0])?.() as never);
    const heard: DownloadEvent[] = [];
    const message = expect.stringContaining(
      "the code of downloads could not be loaded: Failed to fetch dynamically imported module",
    ) as string;
    await expect(lastValueFrom(events.pipe(map((event) => heard.push(event))))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message,
    });
    expect(heard).toMatchObject([{ type: "download-failed", code: "LOCAL_IO", message }]);
    expect(await lastValueFrom(events.pipe(toArray()))).toEqual([notice("loaded")]);
  });

  it("A pause while the code of downloads is loaded pauses the download", async () => {
    const pauseWhen = new Subject<void>();
    const events = lastValueFrom(downloadToBlob("http://127.0.0.1:9/film.mkv", { pauseWhen }).pipe(toArray()));
    pauseWhen.next();
    expect((await events).map(({ type }) => type)).toEqual(["download-paused"]);
  });

  it("A list of peers that comes while the code of downloads is loaded is kept", async () => {
    const more = new Subject<readonly string[]>();
    const assemble = (parts: Assembly) => parts.more?.pipe(map((list) => notice(list.map(String).join()))) ?? NEVER;
    const events = lastValueFrom(assembleLater(assembly({ more }), () => Promise.resolve(assemble)).pipe(toArray()));
    more.next(["http://a/"]);
    more.next(["http://b/"]);
    more.complete();
    expect(await events).toEqual([notice("http://b/")]);
  });

  it("A download that is left while its code is loaded leaves its parts once, and does not begin", async () => {
    const leave = vi.fn();
    const assemble = vi.fn(() => NEVER);
    const loaded = Promise.resolve(assemble);
    assembleLater(assembly({ leave }), () => loaded)
      .subscribe()
      .unsubscribe();
    await loaded;
    expect(leave).toHaveBeenCalledTimes(1);
    expect(assemble).not.toHaveBeenCalled();
  });
});
