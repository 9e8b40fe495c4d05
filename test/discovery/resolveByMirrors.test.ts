import { createHash } from "node:crypto";
import { BehaviorSubject, EMPTY, merge, mergeMap, NEVER, type Observable, of, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { sha256 } from "../../src/adapters/node/sha256.js";
import type { FileRequest } from "../../src/discovery/FileRequest.js";
import type { KnownFile } from "../../src/discovery/KnownFile.js";
import { Outvoted } from "../../src/discovery/Outvoted.js";
import { resolveByMirrors } from "../../src/discovery/resolveByMirrors.js";
import type { Digest } from "../../src/manifest/Digest.js";
import type { Peer } from "../../src/peers/Peer.js";
import { someBytes } from "../download/swarm.js";
import { marbles } from "../operators/marbles.js";
import { discoveryFor } from "./discoveryFor.js";
import { type MirrorScript, scriptedMirror } from "./scriptedMirror.js";

const file = someBytes(20_000);
const shorter = file.subarray(1);
const other = file.map((byte, at) => (at === 10_000 ? byte ^ 1 : byte));

type Scripted = ReturnType<typeof scriptedMirror>;
const mirror = (host: string, bytes: Uint8Array, script: MirrorScript = {}): Scripted =>
  scriptedMirror(host, bytes, script);

interface Found {
  known: KnownFile | undefined;
  knownAtMs: number;
  /** The peers as they come and go. */
  peers: { readonly atMs: number; readonly hosts: string }[];
  agreedAtMs: number;
  error: unknown;
  /** Digests that came with the agreement. */
  digests: string[];
  refused: string[];
}

interface Play {
  readonly request?: Partial<FileRequest>;
  /** When all of the file is here, ms. */
  readonly hereAtMs?: number;
  readonly outvoted?: Outvoted;
  readonly list?: Observable<readonly Scripted["peer"][]>;
  /** Done in the middle. */
  readonly later?: () => void;
}

/** A search among these mirrors, in virtual time, and its download, which asks for its peers as soon as the file is known. */
function search(mirrors: readonly Scripted[], { request, hereAtMs, outvoted, list, later }: Play = {}): Found {
  const found: Found = {
    known: undefined,
    knownAtMs: -1,
    peers: [],
    agreedAtMs: -1,
    error: undefined,
    digests: [],
    refused: [],
  };
  marbles(({ scheduler, cold }) => {
    const discovery = discoveryFor();
    const all = list ?? of(mirrors.map(({ peer }) => peer));
    const finding = { isPrivate: () => false, hashes: () => true, read: () => NEVER, found: () => undefined };
    const parts = { mirrors: all, finding, ...(outvoted && { outvoted }) };
    const host = ({ id }: Pick<Peer, "id">): string => new URL(id).hostname;
    const isHere = hereAtMs === undefined ? NEVER : cold(`${hereAtMs}ms (x|)`);
    const work = resolveByMirrors({ places: [], mirrors: [], ...request }, parts, sha256, discovery).pipe(
      tap((known) => {
        found.known = known;
        found.knownAtMs = scheduler.now();
      }),
      mergeMap(({ peers, agreement }) => {
        const come = tap((all: readonly Peer[]) => {
          found.peers.push({ atMs: scheduler.now(), hosts: all.map(host).join(" ") });
        });
        const complete = (): void => void (found.agreedAtMs = scheduler.now());
        const next = ({ bytes }: Digest): void => void found.digests.push(Buffer.from(bytes).toString("base64"));
        return merge(peers.pipe(come), agreement?.(isHere).pipe(tap({ next, complete })) ?? EMPTY);
      }),
    );
    const running = work.subscribe({ error: (error: unknown) => (found.error = error) });
    if (later !== undefined) scheduler.schedule(later, 10_000);
    scheduler.schedule(() => {
      running.unsubscribe();
      found.refused = discovery.told.flatMap((event) =>
        event.type === "mirror-refused" ? [`${host({ id: event.peer })} ${event.code}`] : [],
      );
    }, 20_000);
  })();
  return found;
}

const last = ({ peers }: Found): string | undefined => peers.at(-1)?.hosts;

describe("A download from several mirrors", () => {
  it("A download begins with the first mirror that answers, and the others join when they turn out to have the same file", () => {
    const found = search([mirror("a", file, { afterMs: 900 }), mirror("b", file, { afterMs: 10 })]);
    expect(found).toMatchObject({ knownAtMs: 20, agreedAtMs: 1800, refused: [], error: undefined });
    expect(found.known?.facts).toMatchObject({ name: "file.bin", size: file.length });
    expect(found.peers).toEqual([
      { atMs: 20, hosts: "b" },
      { atMs: 1800, hosts: "a b" },
    ]);
  });

  it("A digest that another mirror tells of than the one that began is found when the mirrors agree", () => {
    const digest = Buffer.from(createHash("sha256").update(file).digest()).toString("base64");
    const headers = { "repr-digest": `sha-256=:${digest}:` };
    const large = { request: { size: file.length } };
    const found = search([mirror("a", file), mirror("b", file, { headers, afterMs: 10 })], large);
    expect(found.known?.facts.whole).toBeUndefined();
    expect(found.digests).toEqual([digest]);
    const first = search([mirror("a", file, { headers }), mirror("b", file, { afterMs: 10 })], large);
    expect(Buffer.from(first.known?.facts.whole?.bytes ?? []).toString("base64")).toBe(digest);
    expect(first.digests).toEqual([]);
  });

  it("The first mirror in the order given is asked for the beginning of its file, the others for two bytes, each once", () => {
    const all = ["a", "b"].map((host) => mirror(host, file, { afterMs: 10 }));
    search(all);
    const samples = ["bytes=0-4095", "bytes=7952-12047", "bytes=15904-19999"];
    expect(all.map(({ asked }) => asked)).toEqual([
      ["bytes=0-262143", ...samples],
      ["bytes=0-1", ...samples],
    ]);
  });

  it.each([
    ["is busy", { turns: [503] }],
    ["fails in passing", { turns: [502] }],
    ["has no such file", { turns: [404] }],
    ["is silent", { silentFrom: 0 }],
    ["is slow", { afterMs: 9000 }],
  ] as const)("A mirror that %s keeps no other waiting", (_how, script) => {
    for (const order of ["ab", "ba"]) {
      const named = { a: mirror("a", file, script), b: mirror("b", file, { afterMs: 10 }) };
      const found = search(Array.from(order, (host) => named[host as "a" | "b"]));
      expect(found.peers[0]?.hosts).toBe("b");
      expect(found.knownAtMs).toBeLessThanOrEqual(20);
    }
  });

  it("A mirror that was late or busy joins when it has answered", () => {
    const slow = search([mirror("a", file, { afterMs: 2500 }), mirror("b", file, { afterMs: 10 })]);
    expect([last(slow), slow.refused]).toEqual(["a b", []]);
    const busy = search([mirror("a", file, { turns: [503, 503, undefined] }), mirror("b", file, { afterMs: 10 })]);
    expect([last(busy), busy.refused]).toEqual(["a b", []]);
  });

  it("What comes of the file is held until most mirrors have been heard, or for a second and a half", () => {
    const [a, b] = [() => mirror("a", file, { afterMs: 10 }), () => mirror("b", file, { silentFrom: 0 })];
    expect(search([a(), b()], { hereAtMs: 100 }).agreedAtMs).toBe(1510);
    const busy = () => mirror("c", file, { turns: [503] });
    expect(search([a(), busy()], { hereAtMs: 100 }).agreedAtMs).toBe(120);
    expect(search([a(), busy()]).agreedAtMs).toBe(1510);
  });
});

describe("A mirror that was the first to answer", () => {
  const odd = (bytes: Uint8Array) => [
    mirror("a", bytes, { afterMs: 10 }),
    mirror("b", file, { afterMs: 100 }),
    mirror("c", file, { afterMs: 100 }),
  ];

  it.each([
    ["size", shorter],
    ["bytes", other],
  ])("A first mirror with another %s than most is outvoted, and is not asked by the next run", (_what, bytes) => {
    const outvoted = new Outvoted();
    const found = search(odd(bytes), { outvoted });
    expect([found.knownAtMs, found.peers[0]?.hosts]).toEqual([20, "a"]);
    expect(found.error).toMatchObject({ code: "RESOURCE_CHANGED", peer: "http://a/file.bin" });
    expect(found.refused).toEqual(["a RESOURCE_CHANGED"]);
    expect(outvoted.take()).toBe("http://a/file.bin");
    expect(outvoted.take()).toBeUndefined();
    const again = odd(bytes);
    const next = search(again, { outvoted, request: { isBegun: () => true } });
    expect([next.known?.agreement, last(next), again[0]?.asked]).toEqual([undefined, "b c", []]);
  });

  it("A first mirror that has what most have stays, and the odd one is refused", () => {
    const found = search([mirror("c", other, { afterMs: 100 }), ...odd(file).slice(0, 2)]);
    expect(found).toMatchObject({ agreedAtMs: 200, error: undefined, refused: ["c RESOURCE_CHANGED"] });
    expect(last(found)).toBe("a b");
  });

  it("Of two mirrors that differ the first in the order given is right, whoever answers first", () => {
    const outvoted = new Outvoted();
    const found = search([mirror("b", other, { afterMs: 100 }), mirror("a", file, { afterMs: 10 })], { outvoted });
    expect([found.error, outvoted.has("http://a/file.bin")]).toEqual([
      expect.objectContaining({ code: "RESOURCE_CHANGED" }),
      true,
    ]);
  });

  it("A page that is sent in place of the file is none to begin with", () => {
    const html = { headers: { "content-type": "text/html" }, afterMs: 10 };
    for (const ranges of [true, false]) {
      const page = mirror("a", someBytes(500), { ...html, ranges });
      const found = search([page, mirror("b", file, { afterMs: 100 }), mirror("c", file, { afterMs: 100 })]);
      expect(found.peers[0]).toEqual({ atMs: 200, hosts: "b" });
    }
  });
});

describe("Nothing flows before the mirrors agree", () => {
  const two = (): readonly Scripted[] => [mirror("a", file, { afterMs: 100 }), mirror("b", file, { afterMs: 10 })];

  it("Nothing flows before the mirrors agree where some of the file is here", () => {
    const all = two();
    const found = search(all, { request: { isBegun: () => true } });
    expect([found.knownAtMs, found.known?.agreement, found.peers[0]?.hosts]).toEqual([200, undefined, "a b"]);
    expect(all.map(({ asked }) => asked[0])).toEqual(["bytes=0-1", "bytes=0-1"]);
  });

  it("Nothing flows before the mirrors agree where something has the name that a mirror suggests", () => {
    const found = search(two(), { request: { isBegun: (name) => name === "file.bin" } });
    expect([found.knownAtMs, found.known?.agreement]).toEqual([200, undefined]);
  });

  it("Nothing flows before the mirrors agree whose addresses may be of two files", () => {
    const [first = mirror("a", file), second = first] = two();
    const named = scriptedMirror("c", file, { afterMs: 10 }, "/another.bin");
    expect(search([first, named]).knownAtMs).toBe(200);
    expect(search([first, named], { request: { name: "film" } }).knownAtMs).toBe(20);
    expect(search([first, second]).knownAtMs).toBe(20);
  });

  it("A mirror that fails in passing is not waited for where nothing flows", () => {
    const all = [mirror("a", file, { turns: [503] }), mirror("b", file, { afterMs: 10 })];
    expect(search(all, { request: { isBegun: () => true } }).knownAtMs).toBe(10);
  });
});

describe("Many mirrors", () => {
  it("Of a hundred mirrors of a small file no more are asked than help", () => {
    const all = Array.from({ length: 100 }, (_, n) => mirror(`m${n}`, file, { afterMs: 10 }));
    const found = search(all);
    expect(last(found)).toBe("m0 m1 m2 m3");
    expect(all.reduce((sum, { asked }) => sum + asked.length, 0)).toBe(16);
  });

  it("A mirror of the reserve is asked in the place of each that fails or is silent", () => {
    const bad = [{ turns: [404] }, { turns: [502] }, { silentFrom: 0 }].map((script, n) =>
      mirror(`bad${n}`, file, script),
    );
    const good = Array.from({ length: 20 }, (_, n) => mirror(`m${n}`, file, { afterMs: 10 }));
    const found = search([...bad, ...good]);
    expect(found.peers[0]).toEqual({ atMs: 20, hosts: "m0" });
    expect(good.filter(({ asked }) => asked.length > 0)).toHaveLength(3);
  });

  it.each([
    ["sizes", shorter],
    ["bytes", other],
  ])("A mirror of the reserve is asked where the first four have two %s, two against two", (_what, different) => {
    const alike = (bytes: Uint8Array, ...hosts: readonly string[]) =>
      hosts.map((host) => mirror(host, bytes, { afterMs: 10 }));
    const tied = () => [...alike(different, "a0", "a1"), ...alike(file, "b0", "b1")];
    const found = search([...tied(), ...alike(file, "m0")]);
    expect(found.error).toMatchObject({ code: "RESOURCE_CHANGED", peer: "http://a0/file.bin" });
    expect(found.refused).toEqual(["a0 RESOURCE_CHANGED", "a1 RESOURCE_CHANGED"]);
    expect(last(search([...tied(), ...alike(different, "m0")]))).toBe("a0 a1 m0");
    expect(last(search(tied()))).toBe("a0 a1");
  });

  it("A mirror of the reserve is asked when all before it have failed", () => {
    const bad = Array.from({ length: 30 }, (_, n) => mirror(`bad${n}`, file, { turns: [404] }));
    expect(last(search([...bad, mirror("m", file)]))).toBe("m");
    expect(search(bad).error).toMatchObject({ code: "FILE_NOT_FOUND_ANYWHERE" });
  });
});

it("A mirror that leaves the list is a peer no more", () => {
  const [a, b] = [mirror("a", file), mirror("b", file)];
  const list = new BehaviorSubject([a.peer, b.peer]);
  const found = search([], { list, later: () => list.next([b.peer]) });
  expect(found.peers.map(({ hosts }) => hosts)).toEqual(["a b", "b"]);
});

it("A search that is left asks nobody any more, and lets the beginning go", () => {
  const a = mirror("a", file, { silentFrom: 0 });
  marbles(({ scheduler }) => {
    const discovery = discoveryFor();
    const running = resolveByMirrors(
      { places: [], mirrors: [] },
      { mirrors: of([a.peer, mirror("b", file, { silentFrom: 0 }).peer]) },
      sha256,
      discovery,
    ).subscribe();
    scheduler.schedule(() => running.unsubscribe(), 5);
  })();
  expect(a.asked).toEqual(["bytes=0-262143"]);
});
