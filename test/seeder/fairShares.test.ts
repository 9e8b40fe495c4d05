import { VirtualTimeScheduler } from "rxjs";
import { describe, expect, it } from "vitest";
import { createSeeder } from "../../src/seeder/createSeeder.js";
import { clientOf } from "./MemoryConnection.js";
import { memoryFile } from "./memoryFile.js";

const chunkBytes = 1024 * 1024;
const { manifest, source } = await memoryFile(chunkBytes, chunkBytes);
const { root } = manifest;
const rate = 4_000_000;

/** Clients that ask again for what was sent; each has so many requests under way, in frames of so many bytes at most. */
function shares(
  clients: readonly {
    readonly requests: number;
    readonly dataBytes?: number;
    readonly fromMs?: number;
    readonly address?: string;
    readonly host?: string;
  }[],
) {
  const scheduler = new VirtualTimeScheduler();
  const seeder = createSeeder(new Map([[root, source]]), { limitRateBytesPerSecond: rate, scheduler });
  const met = clients.map(({ requests, dataBytes, fromMs = 0, address, host }, port) => {
    const client = clientOf(seeder, true, `${address ?? "memory"}:${port}`, host);
    let id = 0;
    const ask = (): void => {
      id += 1;
      const frames = dataBytes === undefined ? {} : { dataBytes };
      client.connection.say({ type: "get-chunk", id, root, index: 0, offset: 0, length: chunkBytes, ...frames });
    };
    scheduler.schedule(() => Array.from({ length: requests }, ask), fromMs);
    let answered = 0;
    return {
      sent: () => client.connection.of("data").reduce((sum, { bytes }) => sum + bytes.length, 0),
      again: () => {
        const ends = client.connection.of("end").length;
        for (; answered < ends; answered += 1) ask();
      },
    };
  });
  const to = (ms: number): void => {
    for (let at = scheduler.now(); at <= ms; at += 50) {
      scheduler.maxFrames = at;
      scheduler.flush();
      for (const { again } of met) again();
    }
  };
  /** Bytes of each client between two moments, as a share of an equal one. */
  return (fromMs: number, toMs: number): readonly number[] => {
    to(fromMs);
    const before = met.map(({ sent }) => sent());
    to(toMs);
    const fair = (rate * (toMs - fromMs)) / 1000 / met.length;
    return met.map(({ sent }, at) => (sent() - (before[at] ?? 0)) / fair);
  };
}

function expectFair(measured: readonly number[]): void {
  for (const share of measured) {
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(1.2);
  }
}

describe("A seeder with a limited rate", () => {
  it("A newcomer that asks for small frames has its fair share of the rate beside one that asks for large ones", () => {
    expectFair(shares([{ requests: 4 }, { requests: 4, dataBytes: 4096, fromMs: 1000 }])(1000, 3000));
  });

  it("A client with one request has its fair share of the rate beside eight that have sixteen each", () => {
    const greedy = Array.from({ length: 8 }, () => ({ requests: 16 }));
    expectFair(shares([...greedy, { requests: 1, dataBytes: 16_384, fromMs: 1000 }])(1000, 3000));
  });

  it("Each of 64 clients has its fair share of the rate within two seconds", () => {
    const clients = Array.from({ length: 64 }, (_, at) => ({ requests: 2, dataBytes: at % 2 === 0 ? 4096 : 262_144 }));
    expectFair(shares(clients)(2000, 4000));
  });

  it("An address has its fair share of the rate beside two with sixteen greedy connections each", () => {
    const greedy = ["10.0.0.1", "10.0.0.2"].flatMap((address) =>
      Array.from({ length: 16 }, () => ({ requests: 16, address })),
    );
    const only = { requests: 1, dataBytes: 16_384, fromMs: 1000, address: "10.0.0.3" };
    const measured = shares([...greedy, only])(1000, 4000);
    const fair = measured.length / 3; // shares are of an equal one a connection
    const sumOf = (from: number, to: number): number => measured.slice(from, to).reduce((sum, each) => sum + each, 0);
    expectFair([sumOf(0, 16), sumOf(16, 32), sumOf(32, 33)].map((sum) => sum / fair));
    expectFair(measured.slice(0, 32).map((each) => (each * 16) / fair));
  });

  it("A machine that comes by sixteen channels, each of another name, has the fair share of one beside one that comes by a socket", () => {
    const channels = Array.from({ length: 16 }, (_, at) => ({
      ...{ requests: 16, address: `rtc:${at}`, host: "192.0.2.1" },
    }));
    const only = { requests: 1, dataBytes: 16_384, fromMs: 1000, address: "192.0.2.2" };
    const measured = shares([...channels, only])(1000, 4000);
    expectFair([((measured.at(-1) ?? 0) * 2) / measured.length]);
  });

  it("A client alone has all of the rate", () => {
    const [share = 0] = shares([{ requests: 1 }])(1000, 3000);
    expect(share).toBeGreaterThan(0.97);
    expect(share).toBeLessThan(1.03);
  });
});
