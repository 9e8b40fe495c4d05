import type { RequestListener } from "node:http";
import { lastValueFrom, type Observable, Subject, tap } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import type { DownloadConfig, DownloadEvent } from "../../src/index.js";
import { answerWith, cleanUp, serve } from "../adapters/http/harness.js";

/** What a test needs around one way to download. */
export interface DownloadHouse {
  /** The download of what a mirror at `url` has. */
  download(url: string, config: DownloadConfig): Observable<{ readonly type: string }>;
  /** What came of it, as others see it. */
  arrived(): Promise<Uint8Array | undefined>;
}

export interface DownloadWay {
  /** Of these bytes a house is made, and a mirror asked. */
  readonly bytes: Uint8Array;
  /** Whether the mirror tells sizes and knows ranges. */
  readonly ranges: boolean;
  readonly house: () => Promise<DownloadHouse>;
}

const endings = ["download-completed", "download-paused", "download-failed"];
const quick = { initialBackoffMs: 1, maxBackoffMs: 2, maxChunkRetries: 1 };

/** Every way to download does this. */
export function downloadContract(name: string, { bytes, ranges, house }: DownloadWay): void {
  const whole: RequestListener = (_request, response) => response.writeHead(200).end(bytes);
  const good = ranges ? answerWith(bytes, { etag: '"1"' }) : whole;
  /** Good until bytes of the file are asked for; then half of it comes, and no more. */
  const half: RequestListener = (request, response) => {
    const [, first = 0, last = 0] = (/^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? []).map(Number);
    if (ranges && last - first < 50_000) {
      good(request, response);
      return;
    }
    if (ranges && last < bytes.length / 2) {
      good(request, response);
      return;
    }
    if (ranges) return request.socket.destroy();
    return response.writeHead(200).write(bytes.subarray(0, bytes.length / 2), () => request.socket.destroy());
  };
  const heard = async (events: Observable<{ readonly type: string }>) => {
    const all: DownloadEvent[] = [];
    const error = await lastValueFrom(events.pipe(tap((event) => all.push(event as DownloadEvent)))).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return { error, all, ends: all.filter(({ type }) => endings.includes(type)) };
  };
  // Two buffers are compared by the matcher in seconds.
  const isRight = async (home: DownloadHouse) => Buffer.from((await home.arrived()) ?? []).equals(bytes);
  const begun = async (answer: RequestListener, config: DownloadConfig = {}) => {
    const home = await house();
    const { url } = await serve(answer, { path: "/film.mkv" });
    return { home, events: home.download(url, { retry: quick, ...config }) };
  };

  describe(`${name} as a download`, () => {
    afterEach(cleanUp);

    it("A download tells once that it has started, and last that it is completed", async () => {
      const { home, events } = await begun(good);
      const { error, all, ends } = await heard(events);
      expect(error).toBeUndefined();
      expect(all.filter(({ type }) => type === "download-started")).toHaveLength(1);
      expect(ends).toMatchObject([{ type: "download-completed", account: { size: bytes.length } }]);
      expect(await isRight(home)).toBe(true);
    });

    it("A download tells a failure in the middle by one download-failed, and then errors with the same", async () => {
      const { home, events } = await begun(half);
      const { error, all, ends } = await heard(events);
      const { code, message } = error as { code: string; message: string };
      expect(ends).toMatchObject([{ type: "download-failed", code, message, resumable: true }]);
      expect((ends[0] as { account: { received: number } }).account.received).toBeGreaterThan(0);
      expect(all.at(-1)).toBe(ends[0]);
      expect(await home.arrived()).toBeUndefined();
    });

    it("A download tells a failure before its start by one download-failed, and then errors with the same", async () => {
      const { events } = await begun((_request, response) => response.writeHead(404).end());
      const { error, all, ends } = await heard(events);
      expect(ends).toMatchObject([{ type: "download-failed", code: (error as { code: string }).code }]);
      expect(all.at(-1)).toBe(ends[0]);
    });

    it("A download completes with download-paused, and comes whole when it is subscribed again", async () => {
      const pauseWhen = new Subject<void>();
      const { home, events } = await begun(good, { pauseWhen });
      const types = ["chunk-verified", "chunk-stored", "progress"];
      const { error, ends } = await heard(events.pipe(tap(({ type }) => types.includes(type) && pauseWhen.next())));
      expect(error).toBeUndefined();
      expect(ends).toMatchObject([{ type: "download-paused" }]);
      expect(await home.arrived()).toBeUndefined();
      expect((await heard(events)).error).toBeUndefined();
      expect(await isRight(home)).toBe(true);
    });

    it("A download refuses a second subscriber with one download-failed, and serves the first", async () => {
      const { home, events } = await begun(good);
      const [first, second] = await Promise.all([heard(events), heard(events)]);
      expect(first.ends).toMatchObject([{ type: "download-completed" }]);
      expect(second.all).toMatchObject([{ type: "download-failed", code: "LOCKED", resumable: false }]);
      expect(second.error).toMatchObject({ code: "LOCKED" });
      expect(await isRight(home)).toBe(true);
    });
  });
}
