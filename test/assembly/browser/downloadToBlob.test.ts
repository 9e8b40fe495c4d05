import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { catchError, EMPTY, lastValueFrom, shareReplay, Subject, tap, toArray } from "rxjs";
import { beforeEach, describe, expect, it } from "vitest";
import "../../../src/assembly/browser/assemblePage.js"; // here, so that no test waits for its code to be transformed
import { WebSocket } from "ws";
import { downloadToBlob, type BlobEvent, type WebSocketConstructor } from "../../../src/browser.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";

const webSocket = WebSocket as unknown as WebSocketConstructor;
let film: string;
let bytes: Buffer;

beforeEach(async () => {
  film = join(await tempFolder(), "film.mkv");
  bytes = randomBytes(2_000_000);
  await writeFile(film, bytes);
});

const isBlob = (event: BlobEvent) => event.type === "download-completed";

describe("downloadToBlob", () => {
  it("A download to a blob ends with the verified file", async () => {
    const { link } = await seedFile(film);
    const events = await lastValueFrom(downloadToBlob(link, { webSocket }).pipe(toArray()));
    expect(events.at(-1)?.type).toBe("download-completed");
    const last = events.find(isBlob);
    expect(last?.name).toBe("film.mkv");
    expect(bytes.equals(Buffer.from((await last?.blob.arrayBuffer()) ?? new ArrayBuffer(0)))).toBe(true);
  });

  it("A download to a blob brings its token", async () => {
    const { link } = await seedFile(film, { token: "right" });
    const events = await lastValueFrom(
      downloadToBlob(link, { webSocket, tokens: { "127.0.0.1": "right" } }).pipe(toArray()),
    );
    expect(events.some(isBlob)).toBe(true);
  });

  it("A download to a blob keeps what was verified over a pause", async () => {
    const { link } = await seedFile(film, { limitRate: 2_000_000 });
    const pauseWhen = new Subject<void>();
    const file = downloadToBlob(link, { webSocket, pauseWhen });
    const first = await lastValueFrom(
      file.pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") pauseWhen.next();
        }),
        toArray(),
      ),
    );
    expect(first.at(-1)?.type).toBe("download-paused");
    const second = await lastValueFrom(file.pipe(toArray()));
    const started = second.find((event) => event.type === "download-started");
    expect(started?.resumedChunks).toBeGreaterThan(0);
    expect(second.some(isBlob)).toBe(true);
  });

  it("A download to a blob that is given up says so, and begins anew the next time", async () => {
    const { link } = await seedFile(film, { limitRate: 2_000_000 });
    const discardWhen = new Subject<void>();
    const file = downloadToBlob(link, { webSocket, discardWhen });
    const first = await lastValueFrom(
      file.pipe(
        tap(({ type }) => {
          if (type === "chunk-verified") discardWhen.next();
        }),
        toArray(),
      ),
    );
    expect(first.at(-1)).toMatchObject({ type: "download-paused", removed: true });
    const second = await lastValueFrom(file.pipe(toArray()));
    expect(second.find(({ type }) => type === "download-started")).toMatchObject({ resumedChunks: 0 });
    expect(second.some(isBlob)).toBe(true);
  });

  it("A file that is too large for memory is refused before any byte", async () => {
    const { link } = await seedFile(film);
    await expect(lastValueFrom(downloadToBlob(link, { webSocket, maxBytes: 1_999_999 }))).rejects.toMatchObject({
      code: "LOCAL_IO",
      message: '"film.mkv" has 2000000 bytes, expected at most 1999999 in memory',
    });
  });

  it.each([0, 3])(
    "A second subscriber after %i chunks of a blob is refused as LOCKED, and the first is served",
    async (after) => {
      const { link } = await seedFile(film, { limitRate: 4_000_000 });
      const file = downloadToBlob(link, { webSocket });
      let chunks = 0;
      let second: Promise<readonly BlobEvent[]> | undefined;
      const told = (events: typeof file) =>
        lastValueFrom(
          events.pipe(
            catchError(() => EMPTY),
            toArray(),
          ),
        );
      const first = told(
        file.pipe(
          tap(({ type }) => {
            if (type === "chunk-verified") chunks++;
            if (chunks >= after) second ??= told(file);
          }),
        ),
      );
      if (after === 0) second = told(file);
      const blob = (await first).find(isBlob);
      expect(bytes.equals(Buffer.from((await blob?.blob.arrayBuffer()) ?? new ArrayBuffer(0)))).toBe(true);
      const share = expect.stringContaining("this download is subscribed already; share it") as string;
      expect(await second).toMatchObject([{ type: "download-failed", code: "LOCKED", message: share }]);
    },
  );

  it("A download to a blob serves several when it is shared", async () => {
    const { link } = await seedFile(film);
    const file = downloadToBlob(link, { webSocket }).pipe(shareReplay({ bufferSize: 1, refCount: true }));
    const all = await Promise.all([lastValueFrom(file), lastValueFrom(file)]);
    expect(all.map(({ type }) => type)).toEqual(["download-completed", "download-completed"]);
  });

  it("A source that a page cannot read is refused at the call", () => {
    expect(() => downloadToBlob("film.meta4")).toThrow(TypeError);
  });
});
