import { Observable, Subject, VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { decodeRendezvousMessage, encodeMessage } from "../../src/protocol/codec.js";
import type { ClientMessage, RendezvousMessage } from "../../src/protocol/messages.js";
import type { Connection } from "../../src/seeder/Connection.js";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import { type Member, Rendezvous } from "../../src/seeder/Rendezvous.js";
import { seededRandom } from "../../src/testing/seededRandom.js";
import { memoryFile } from "./memoryFile.js";

const file = await memoryFile(5, 5);
const other = await memoryFile(6, 6);
const { root } = file.manifest;
const nobody = "0123456789abcdef";

/** A client that is there to meet others. */
class Visitor implements Connection {
  readonly address = "memory";
  readonly frames = new Subject<Uint8Array>();
  readonly heard: RendezvousMessage[] = [];
  closed: number | undefined;
  /** True when it reads no more than the message that is under way. */
  isStuck = false;
  #read: (() => void)[] = [];

  send(frame: Uint8Array): Observable<never> {
    return new Observable((subscriber) => {
      this.heard.push(decodeRendezvousMessage(frame));
      if (this.isStuck) this.#read.push(() => subscriber.complete());
      else subscriber.complete();
    });
  }

  readOn(): void {
    this.isStuck = false;
    for (const read of this.#read.splice(0)) read();
  }

  close(code: number): void {
    this.closed ??= code;
  }

  say(message: ClientMessage): void {
    this.frames.next(encodeMessage(message));
  }

  of<T extends RendezvousMessage["type"]>(type: T): Extract<RendezvousMessage, { type: T }>[] {
    return this.heard.filter((message): message is Extract<RendezvousMessage, { type: T }> => message.type === type);
  }

  get codes(): readonly string[] {
    return this.of("error").map(({ code }) => code);
  }
}

function meeting(random?: () => number) {
  const scheduler = new VirtualTimeScheduler();
  scheduler.maxFrames = 0;
  const passMs = (ms: number): void => {
    scheduler.maxFrames += ms;
    scheduler.flush();
    scheduler.frame = scheduler.maxFrames;
  };
  const sources = new Map([file, other].map(({ source }) => [source.manifest.root, source]));
  const seeder = createSeeder(sources, { scheduler, random, idleTimeoutMs: 20_000 });
  const come = ({ features = ["rtc"], serves = false, at = root, frameBytes = 65_536 } = {}) => {
    const visitor = new Visitor();
    const staying = seeder.accept(visitor).subscribe();
    visitor.say({ type: "hello", version: 1, limits: { frameBytes, requests: 0 }, features });
    visitor.say({ type: "rtc-join", id: 0, root: at, serves });
    const leave = (): void => {
      visitor.frames.complete();
      staying.unsubscribe();
    };
    return Object.assign(visitor, { leave });
  };
  /** A client that asks, and the name of another that serves. */
  const pair = () => {
    const server = come({ serves: true });
    const asker = come();
    passMs(300);
    const id = asker.of("rtc-peers")[0]?.joined[0] ?? "";
    return { server, asker, id };
  };
  return { come, pair, passMs };
}

const offer = (to: string, id = 7) => ({ type: "rtc-offer", id, root, to, sdp: "v=0" }) as const;

describe("the rendezvous of a seeder", () => {
  it("Signals to a client that does not read wait up to a bound, and are answered as those to one that is gone beyond it", () => {
    const { pair } = meeting();
    const { server, asker, id } = pair();
    server.isStuck = true;
    const candidate = { type: "rtc-candidate", id: 7, root, to: id, candidate: "x".repeat(1000), mid: "0" } as const;
    for (let n = 0; n < 100; n++) asker.say(candidate);
    expect(asker.codes).toHaveLength(35);
    expect(new Set(asker.codes)).toEqual(new Set(["PEER_UNAVAILABLE"]));
    server.readOn();
    expect(server.of("rtc-candidate")).toHaveLength(65);
    asker.say(candidate);
    expect(server.of("rtc-candidate")).toHaveLength(66);
  });

  it("News wait for a client that does not read, as signals do, and are told when it reads again", () => {
    const { pair, come, passMs } = meeting();
    const { asker } = pair();
    asker.isStuck = true;
    const before = asker.heard.length;
    for (let n = 0; n < 100; n++) {
      come({ serves: true }).leave();
      passMs(300);
    }
    asker.readOn();
    // One was under way, and so many waited.
    expect(asker.heard.length - before).toBe(65);
    passMs(300);
    const names = asker.of("rtc-peers").flatMap(({ left }) => left);
    expect(new Set(names).size).toBe(100);
  });

  it("A client that leaves the news of a thousand others unread is there no more, and hears of nobody when it reads again", () => {
    const { pair, come, passMs } = meeting();
    const { server, asker, id } = pair();
    asker.isStuck = true;
    for (let n = 0; n < 600; n++) {
      come({ serves: true }).leave();
      if (n < 100) passMs(300);
    }
    asker.readOn();
    const heard = asker.of("rtc-peers").length;
    passMs(300);
    asker.say(offer(id));
    expect(asker.of("rtc-peers")).toHaveLength(heard);
    expect(asker.codes).toEqual(["PEER_UNAVAILABLE"]);
    expect(server.of("rtc-offer")).toEqual([]);
    passMs(30_000);
    expect(asker.closed).toBe(1001);
  });

  it("A client of a file is told of those that serve it, of later ones too, and not of itself", () => {
    const { pair, come, passMs } = meeting();
    const { server, asker, id } = pair();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    come({ serves: true });
    come({ serves: true, at: other.manifest.root });
    passMs(300);
    expect(asker.of("rtc-peers").map(({ joined, left }) => [joined.length, left.length])).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(server.of("rtc-peers").flatMap(({ joined }) => joined)).not.toContain(id);
  });

  it("A signal is passed on as it is, with the name of its sender in place of the receiver's", () => {
    const { pair } = meeting();
    const { server, asker, id } = pair();
    asker.say(offer(id));
    const [heard] = server.of("rtc-offer");
    expect(heard).toEqual({
      type: "rtc-offer",
      id: 7,
      root,
      from: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      sdp: "v=0",
    });
    server.say({ type: "rtc-answer", id: 7, root, to: heard?.from ?? "", sdp: "v=1" });
    server.say({ type: "rtc-candidate", id: 7, root, to: heard?.from ?? "", candidate: "candidate:1", mid: "0" });
    expect(asker.of("rtc-answer")).toEqual([{ type: "rtc-answer", id: 7, root, from: id, sdp: "v=1" }]);
    expect(asker.of("rtc-candidate")).toMatchObject([{ from: id, candidate: "candidate:1", mid: "0" }]);
  });

  it("Those who know of a client hear within a second that it is gone, also when it only asked", () => {
    const { pair, passMs } = meeting();
    const { server, asker, id } = pair();
    asker.say(offer(id));
    const from = server.of("rtc-offer")[0]?.from;
    asker.leave();
    passMs(900);
    expect(server.of("rtc-peers").at(-1)).toMatchObject({ joined: [], left: [from] });
  });

  it("A signal to somebody who is gone, who is there for another file only, or who takes no message of that size is refused by its number", () => {
    const { pair, come } = meeting();
    const { server, asker, id } = pair();
    asker.say(offer(nobody, 9));
    const elsewhere = come({ at: other.manifest.root });
    elsewhere.say({ ...offer(id, 10), root: other.manifest.root });
    server.leave();
    asker.say(offer(id, 11));
    const tight = come({ serves: true, frameBytes: 1024 });
    tight.say(offer(nobody));
    expect(asker.of("error")).toMatchObject([
      { id: 9, code: "PEER_UNAVAILABLE" },
      { id: 11, code: "PEER_UNAVAILABLE" },
    ]);
    expect(elsewhere.of("error")).toMatchObject([{ id: 10, code: "PEER_UNAVAILABLE" }]);
    expect(server.of("rtc-offer")).toEqual([]);
  });

  it("Of 100 offers within a second 10 are passed on, and the others are refused with a wait", () => {
    const { pair, passMs } = meeting();
    const { server, asker, id } = pair();
    for (let number = 0; number < 100; number += 1) {
      asker.say(offer(id, number));
      if (number % 2 === 0) passMs(10);
    }
    expect(server.of("rtc-offer")).toHaveLength(10);
    expect(asker.codes).toEqual(Array.from({ length: 90 }, () => "RATE_LIMITED"));
    expect(asker.of("error")[0]?.retryAfterMs).toBe(1000);
    expect(asker.closed).toBeUndefined();
  });

  it("A client has 200 signals a minute passed on, of whatever kind", () => {
    const { pair } = meeting();
    const { server, asker, id } = pair();
    for (let number = 0; number < 300; number += 1) {
      asker.say({ type: "rtc-candidate", id: number, root, to: id, candidate: "c", mid: "0" });
    }
    // Joining was one, which time has brought back.
    expect(server.of("rtc-candidate")).toHaveLength(200);
    expect(asker.of("error")[0]).toMatchObject({ code: "RATE_LIMITED", id: 200 });
  });

  it("A file that is not here brings nobody together", () => {
    const { come } = meeting();
    const lost = come({ at: "ab".repeat(32) });
    expect(lost.of("error")).toMatchObject([{ id: 0, code: "FILE_NOT_FOUND" }]);
  });

  it("A client that did not name the feature is refused, and one that sends a description of more than 16 KiB", () => {
    const { come, pair } = meeting();
    expect(come({ features: [] }).closed).toBe(1002);
    const { asker, id } = pair();
    asker.say({ ...offer(id), sdp: "v".repeat(16 * 1024 + 1) });
    expect(asker.closed).toBe(1007);
  });

  it("A client that is there for a file stays, though it asks for nothing", () => {
    const { come, passMs } = meeting();
    const [staying, idle] = [come(), come({ at: "ab".repeat(32) })];
    passMs(60_000);
    expect([staying.closed, idle.closed]).toEqual([undefined, 1001]);
  });

  it("A client is told of 32 others at most", () => {
    const { come, passMs } = meeting();
    for (let count = 0; count < 40; count += 1) come({ serves: true });
    const asker = come();
    passMs(300);
    expect(new Set(asker.of("rtc-peers").flatMap(({ joined }) => joined)).size).toBe(32);
  });
});

describe("a member that leaves because of what a join tells", () => {
  /** A member that leaves with its first piece of news, and what it heard. */
  function member(rendezvous: Rendezvous, id: string, leavesAtNews = false) {
    const heard: { readonly joined?: string; readonly left?: string }[] = [];
    const own: Member = {
      id,
      hear: () => true,
      news: (_root, change) => {
        heard.push(change);
        if (leavesAtNews) rendezvous.leave(own);
      },
    };
    return { own, heard };
  }

  it("One who joins, and knows of a member that leaves with that, hears that it is gone", () => {
    const rendezvous = new Rendezvous(seededRandom(1));
    const shy = member(rendezvous, "shy", true);
    const newcomer = member(rendezvous, "newcomer");
    rendezvous.join(root, shy.own, true);
    rendezvous.join(root, newcomer.own, true);
    expect(newcomer.heard).toEqual([{ joined: "shy" }, { left: "shy" }]);
  });

  it("One who leaves while it joins is there no more, and nobody is told of it", () => {
    const rendezvous = new Rendezvous(seededRandom(1));
    const [first, later] = [member(rendezvous, "first"), member(rendezvous, "later")];
    const newcomer = member(rendezvous, "newcomer", true);
    rendezvous.join(root, first.own, true);
    rendezvous.join(root, newcomer.own, true);
    rendezvous.join(root, later.own, false);
    expect(first.heard).toEqual([]);
    expect(later.heard).toEqual([{ joined: "first" }]);
  });
});

it("A seeder draws the names of clients by the chance that it was given", () => {
  const namesBy = (seed: number): readonly string[] => {
    const { come, passMs } = meeting(seededRandom(seed));
    come({ serves: true });
    const asker = come();
    passMs(300);
    return asker.of("rtc-peers").flatMap(({ joined }) => joined);
  };
  expect(namesBy(1)).toHaveLength(1);
  expect(namesBy(1)).toEqual(namesBy(1));
  expect(namesBy(1)).not.toEqual(namesBy(2));
});
