import {
  EMPTY,
  concat,
  from,
  ignoreElements,
  map,
  merge,
  mergeMap,
  NEVER,
  of,
  take,
  tap,
  throwError,
  timer,
  type Observable,
} from "rxjs";
import { TestScheduler } from "rxjs/testing";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import { fetchManifest, type ManifestPeer } from "../../src/discovery/fetchManifest.js";
import { DownloadError } from "../../src/errors/DownloadError.js";
import type { RetryConfig } from "../../src/download/RetryConfig.js";
import type { DownloadErrorCode } from "../../src/errors/verdicts.js";
import type { Manifest } from "../../src/manifest/Manifest.js";
import { discoveryFor, wordsOf } from "./discoveryFor.js";

const manifest = { root: "ab", name: "film" } as Manifest;

/** A peer that answers each request with the next of its answers, and then always with the last. */
function peer(asked: string[], id: string, ...answers: (DownloadErrorCode | DownloadError | Manifest)[]): ManifestPeer {
  let n = 0;
  return {
    id,
    manifest: (): Observable<Manifest> => {
      asked.push(id);
      const answer = answers[Math.min(n++, answers.length - 1)] ?? "UNKNOWN";
      if (answer instanceof DownloadError) return throwError(() => answer);
      return typeof answer === "string" ? throwError(() => new DownloadError(answer, `${id} fails`)) : of(answer);
    },
  };
}

/** A peer that sends a part of its manifest at each of these times and says nothing else, or the whole after the last. */
function slow(asked: string[], id: string, partsAtMs: readonly number[], whole = false): ManifestPeer {
  return {
    id,
    manifest: (_, heard) => {
      asked.push(id);
      const parts = from(partsAtMs).pipe(
        mergeMap((ms) => timer(ms)),
        tap(heard),
        ignoreElements(),
      );
      return concat(parts, whole ? of(manifest) : NEVER);
    },
  };
}

/** Who was asked, and the marbles of the result, for peers that are known from the start and do not change. */
function run(make: (asked: string[]) => ManifestPeer[], marbles: string, code?: DownloadErrorCode) {
  const asked: string[] = [];
  const discovery = discoveryFor();
  new TestScheduler((actual, expected) => expect(codesOf(actual)).toEqual(expected)).run(({ expectObservable }) => {
    const known = concat(of(make(asked)), code === "CHUNK_DEADLINE" ? NEVER : EMPTY);
    const result = fetchManifest(known, sha256, discovery);
    expectObservable(result).toBe(marbles, { m: manifest, r: { ...manifest, name: "ab.bin" } }, code);
  });
  return { asked: asked.join(""), trouble: wordsOf(discovery.told) };
}

/** Errors compared by their codes. */
function codesOf(frames: unknown): unknown {
  return (frames as { notification: { error?: unknown } }[]).map((frame) => {
    const { error } = frame.notification;
    return error instanceof DownloadError
      ? { ...frame, notification: { ...frame.notification, error: error.code } }
      : frame;
  });
}

describe("fetchManifest", () => {
  it("Nobody in the lists for as long as a download waits ends the asking, and somebody who comes before is asked", () => {
    const discovery = discoveryFor({ peerWaitSecs: 5 });
    const scheduler = new TestScheduler((actual, expected) => expect(codesOf(actual)).toEqual(expected));
    scheduler.run(({ cold, expectObservable }) => {
      const never = cold<readonly ManifestPeer[]>("a", { a: [] });
      expectObservable(fetchManifest(never, sha256, discovery)).toBe("5s #", undefined, "NO_PEERS");
      const late = cold("a 4998ms b", { a: [], b: [peer([], "A", manifest)] });
      expectObservable(fetchManifest(late, sha256, discovery)).toBe("4999ms (m|)", { m: manifest });
    });
  });

  describe("a manifest that nobody has who is known, while others may come", () => {
    /** What becomes of a manifest for which these peers are known, who are the only ones until `late` comes. */
    function waiting(
      peers: ManifestPeer[],
      end: readonly [marbles: string, code?: DownloadErrorCode],
      late?: Late | ((n: number) => ManifestPeer),
      retry: Partial<RetryConfig> = { chunkDeadlineSecs: 20 },
      failFast = false,
    ) {
      const discovery = { ...discoveryFor({ peerWaitSecs: 60, ...retry }), failFast };
      let error: unknown;
      new TestScheduler((actual, expected) => expect(codesOf(actual)).toEqual(expected)).run((tools) => {
        const { cold, expectObservable } = tools;
        const one = typeof late === "object" ? late : undefined;
        const lists = one === undefined ? "a" : `a ${one.atMs - 1}ms b`;
        const source = cold(lists, { a: peers, b: [...peers, ...(one?.peers ?? [])] });
        const strangers = timer(2000, 5000).pipe(
          take(100),
          map((n) => [...peers, ...(typeof late === "function" ? [late(n)] : [])]),
        );
        const listed = typeof late === "function" ? merge(source, strangers) : source;
        const result = fetchManifest(listed, sha256, discovery).pipe(
          tap({ error: (thrown: unknown) => (error = thrown) }),
        );
        expectObservable(result).toBe(end[0], { m: manifest }, end[1]);
      });
      const waits = discovery.told.flatMap((event) => (event.type === "waiting" ? [event.untilMs] : []));
      return { waits, words: wordsOf(discovery.told), error };
    }
    interface Late {
      readonly atMs: number;
      readonly peers: ManifestPeer[];
    }

    it("One who lacks the file leaves others to be waited for, for as long as nobody at all does, and that is told every half a minute", () => {
      const asked: string[] = [];
      const { waits, words, error } = waiting(
        [peer(asked, "A", "FILE_NOT_FOUND")],
        ["60s #", "FILE_NOT_FOUND_ANYWHERE"],
      );
      expect(waits).toEqual([60_000, 60_000]);
      expect(words.at(-1)).toMatch(/^Waiting for up to .* more for others/);
      expect(error).toMatchObject({ message: "the manifest could not be had: A fails; nobody else came within 60 s" });
      expect(asked).toEqual(["A"]);
    });

    it("One who cannot be reached leaves others to be waited for as well, and is asked again meanwhile, without a word", () => {
      const asked: string[] = [];
      const { waits, words } = waiting([peer(asked, "A", "CONNECTION_REFUSED")], ["60s #", "RETRIES_EXHAUSTED"]);
      expect(new Set(waits)).toEqual(new Set([60_000]));
      // After 0, 1, 3 and 7 s, then every 8 s.
      expect(asked).toHaveLength(10);
      expect(words.filter((text) => text.startsWith("No manifest"))).toHaveLength(4);
      const back = Array<DownloadErrorCode>(6).fill("CONNECTION_REFUSED");
      waiting([peer([], "A", ...back, manifest)], ["31s (m|)"]);
    });

    it("A download that fails fast waits for nobody in place of one who cannot be reached: the retries are all there is", () => {
      const asked: string[] = [];
      const gone = peer(asked, "A", "CONNECTION_REFUSED");
      const { waits } = waiting([gone], ["7s #", "RETRIES_EXHAUSTED"], undefined, {}, true);
      expect({ waits, asked }).toEqual({ waits: [], asked: ["A", "A", "A", "A"] });
    });

    it("Somebody who comes is asked, and the wait for others goes on to its end when that one fails", () => {
      const lacking = peer([], "A", "FILE_NOT_FOUND");
      waiting([lacking], ["50s (m|)"], { atMs: 50_000, peers: [peer([], "B", manifest)] });
      const late = { atMs: 50_000, peers: [peer([], "B", "FILE_NOT_FOUND")] };
      const { waits } = waiting([lacking], ["60s #", "FILE_NOT_FOUND_ANYWHERE"], late);
      expect(waits).toEqual([60_000, 60_000]);
    });

    it.each<DownloadErrorCode>(["CONNECTION_REFUSED", "FILE_NOT_FOUND"])(
      "Peers without end who are of no use (%s) leave the wait as long as it is, and tell of it no more often",
      (code) => {
        const { waits } = waiting(
          [],
          ["60s #", code === "FILE_NOT_FOUND" ? "FILE_NOT_FOUND_ANYWHERE" : "RETRIES_EXHAUSTED"],
          (n) => peer([], `B${n}`, code),
        );
        expect(waits).toEqual([60_000, 60_000]);
      },
    );

    it("Peers without end who say nothing are heard out for as long as one may say nothing, and no longer", () => {
      waiting([], ["75s #", "TIMEOUT"], (n) => slow([], `B${n}`, []), { chunkDeadlineSecs: 300 });
    });

    it("Somebody who answers makes the next wait another one, once: by a part of the manifest, or by asking for time", () => {
      const breaking: ManifestPeer = {
        id: "B",
        manifest: (_, heard) =>
          timer(1000).pipe(
            tap(heard),
            map(() => {
              throw new DownloadError("CONNECTION_LOST", "B breaks off");
            }),
          ),
      };
      const { waits } = waiting([], ["111s #", "RETRIES_EXHAUSTED"], { atMs: 39_000, peers: [breaking] });
      expect(new Set(waits)).toEqual(new Set([60_000, 111_000]));
      const busy = new DownloadError("PEER_BUSY", "B is busy", { retryAfterMs: 10_000 });
      const late = { atMs: 39_000, peers: [peer([], "B", busy, busy, busy, busy, busy, manifest)] };
      waiting([], ["89s (m|)"], late, { chunkDeadlineSecs: 300 });
    });

    it("A manifest whose parts come is not cut off by the end of a wait, however often its peer broke off before", () => {
      let asked = 0;
      const breaks = timer(1000).pipe(map(() => "breaks" as const));
      const back: ManifestPeer = {
        id: "B",
        manifest: (_, heard) => {
          asked += 1;
          if (asked > 8) return slow([], "B", [10_000, 20_000, 30_000, 40_000], true).manifest(_, heard);
          return breaks.pipe(
            tap(heard),
            map(() => {
              throw new DownloadError("CONNECTION_LOST", "B breaks off");
            }),
          );
        },
      };
      waiting([], ["134s (m|)"], { atMs: 39_000, peers: [back] }, { chunkDeadlineSecs: 300 });
    });

    it("Somebody who comes late has as long as anybody: the deadline is not for the wait before", () => {
      // The deadline ends at 20, 40 s, and so on; who is asked then is asked once more.
      const late = { atMs: 39_000, peers: [slow([], "B", [1000, 5000], true)] };
      for (const known of [[], [peer([], "A", "FILE_NOT_FOUND")]]) waiting(known, ["45s (m|)"], late);
      const endless = { atMs: 39_000, peers: [slow([], "B", [5000, 10_000, 15_000, 20_000, 25_000])] };
      waiting([], ["60s #", "CHUNK_DEADLINE"], endless);
    });

    it("A wait that is over within a second is told to nobody", () => {
      const late = { atMs: 900, peers: [peer([], "B", manifest)] };
      expect(waiting([], ["900ms (m|)"], late).waits).toEqual([]);
    });
  });

  it("Everybody is asked for the manifest once before there is a wait", () => {
    const { asked } = run((a) => [peer(a, "A", "TIMEOUT", manifest), peer(a, "B", "CONNECTION_LOST")], "1s (m|)");
    expect(asked).toBe("ABA");
  });

  it("The answer of the second peer is taken at once", () => {
    const { asked, trouble } = run((a) => [peer(a, "A", "CONNECTION_REFUSED"), peer(a, "B", manifest)], "(m|)");
    expect(asked).toBe("AB");
    expect(trouble).toEqual(["No manifest: A fails"]);
  });

  it("A manifest is given up after 1, 2 and 4 s of waiting, which count as retries", () => {
    const { asked, trouble } = run((a) => [peer(a, "A", "TIMEOUT")], "7s #", "RETRIES_EXHAUSTED");
    expect(asked).toBe("AAAA");
    expect(trouble.filter((text) => text.startsWith("Asking again"))).toHaveLength(3);
    expect(trouble).toContain("Asking again for the manifest (attempt 3/3)");
  });

  it("A peer that refused the manifest is asked no more", () => {
    const make = (a: string[]) => [peer(a, "A", "FILE_NOT_FOUND"), peer(a, "B", "TIMEOUT", "TIMEOUT", manifest)];
    expect(run(make, "3s (m|)").asked).toBe("ABBB");
  });

  it("A manifest that all refused fails at once, with what the last one said", () => {
    const make = (code: DownloadErrorCode) => (a: string[]) => [peer(a, "A", code), peer(a, "B", code)];
    expect(run(make("FILE_NOT_FOUND"), "#", "FILE_NOT_FOUND_ANYWHERE").asked).toBe("AB");
    expect(run(make("AUTH_FAILED"), "#", "AUTH_FAILED").asked).toBe("AB");
  });

  it("Busy peers are waited for until the deadline, and count no retry", () => {
    const busy = Array<DownloadErrorCode>(20).fill("PEER_BUSY");
    const { asked, trouble } = run((a) => [peer(a, "A", ...busy, manifest)], "143s (m|)");
    expect(asked).toHaveLength(21);
    expect(trouble.some((text) => text.startsWith("Asking again"))).toBe(false);
    run((a) => [peer(a, "A", "PEER_BUSY")], "295s #", "CHUNK_DEADLINE");
  });

  it("A busy peer is asked for the manifest no sooner than it wishes, whatever becomes of the others meanwhile", () => {
    const make = (a: string[]) => [
      peer(a, "A", new DownloadError("PEER_BUSY", "later", { retryAfterMs: 60_000 }), manifest),
      peer(a, "B", "TIMEOUT"),
    ];
    const { asked } = run(make, "60s (m|)");
    expect(asked).toBe("ABBBBA");
    const refused = (a: string[]) => [peer(a, "A", "PEER_BUSY", manifest), peer(a, "B", "FILE_NOT_FOUND")];
    expect(run(refused, "1s (m|)").asked).toBe("ABA");
  });

  it("The first of several busy peers is waited for", () => {
    const busy = (ms: number) => new DownloadError("PEER_BUSY", "later", { retryAfterMs: ms });
    const make = (a: string[]) => [peer(a, "A", busy(9000)), peer(a, "B", busy(5000), "PEER_BUSY", manifest)];
    expect(run(make, "7s (m|)").asked).toBe("ABBB");
  });

  it("One more peer is asked for the manifest every two seconds while nobody says anything, four at most", () => {
    const ids = ["A", "B", "C", "D", "E"];
    const { asked, trouble } = run((a) => [...ids.map((id) => slow(a, id, [])), peer(a, "F", manifest)], "17s (m|)");
    expect(asked).toBe("ABCDEF");
    expect(trouble[0]).toBe("No manifest from A yet: B is asked, too");
    expect(trouble).toContain("No manifest: A: no first value within 15000 ms");
  });

  it("A silent peer makes the manifest two seconds late", () => {
    const make = (a: string[]) => [slow(a, "A", []), peer(a, "B", manifest)];
    expect(run(make, "2s (m|)").asked).toBe("AB");
  });

  it("A manifest comes from whoever sends the first part, and nobody else is asked meanwhile", () => {
    const make = (a: string[]) => [
      slow(a, "A", [3000, 9000, 20_000], true),
      slow(a, "B", [4000], true),
      peer(a, "C", manifest),
    ];
    expect(run(make, "20s (m|)").asked).toBe("AB");
  });

  it("A peer that falls silent over the manifest is left after 15 s", () => {
    const make = (a: string[]) => [slow(a, "A", [1000]), peer(a, "B", manifest)];
    const { asked, trouble } = run(make, "16s (m|)");
    expect(asked).toBe("AB");
    expect(trouble).toEqual(["No manifest: A: silent for 15000 ms"]);
  });

  it("An only silent peer is asked for the manifest four times, each for 15 s", () => {
    const { asked, trouble } = run((a) => [slow(a, "A", [])], "67s #", "RETRIES_EXHAUSTED");
    expect(asked).toBe("AAAA");
    expect(trouble.filter((text) => text.startsWith("No manifest: "))).toHaveLength(4);
  });

  it("A peer that refuses beside a silent one is replaced at once, and asked no more", () => {
    const make = (a: string[]) => [slow(a, "A", []), peer(a, "B", "FILE_NOT_FOUND"), peer(a, "C", manifest)];
    expect(run(make, "2s (m|)").asked).toBe("ABC");
  });

  it("A manifest fails with what may pass when others refused", () => {
    const make = (a: string[]) => [slow(a, "A", []), peer(a, "B", "FILE_NOT_FOUND")];
    expect(run(make, "67s #", "RETRIES_EXHAUSTED").asked).toBe("ABAAA");
  });

  it("A peer that sends parts of the manifest for longer than an attempt may take is given up", () => {
    const drip = Array.from({ length: 100 }, (_, n) => 1000 * n);
    const make = (a: string[]) => [slow(a, "A", drip), peer(a, "B", manifest)];
    const { asked, trouble } = run(make, "60s (m|)");
    expect(asked).toBe("AB");
    expect(trouble).toHaveLength(1);
  });

  it("A peer whose name for the file is not safe has failed, and the next is asked", () => {
    const bad = { ...manifest, name: "../x" };
    const { asked, trouble } = run((a) => [peer(a, "A", bad), peer(a, "B", "TIMEOUT", manifest)], "1s (m|)");
    expect(asked).toBe("ABB");
    expect(trouble[0]).toContain("A suggests a name that no file gets: it is a path");
  });

  it("A file is called by its root when nobody has a safe name for it", () => {
    const names = ["", ".ssh", "a/b", "a.part", "con", "x".repeat(221)];
    const bad = names.map((name) => ({ ...manifest, name }));
    const { asked } = run((a) => bad.map((each, n) => peer(a, `${n}`, each)), "(r|)");
    expect(asked).toBe("012345");
  });

  it("A manifest that nobody could be asked for says so", () => {
    run(() => [], "#", "NO_PEERS");
  });
});
