import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { lastValueFrom, NEVER, type Observable, of, throwError } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { Departure } from "../../../src/adapters/websocket/Departure.js";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import { atEnd, cleanUp, errorOf, peerAt } from "./harness.js";

const root = "ab".repeat(32);

afterEach(cleanUp);

/** A server that hangs up on everybody, and the addresses from which they came. */
async function watching(host = "127.0.0.1") {
  const from: string[] = [];
  const server = createServer();
  server.on("connection", (socket) => {
    from.push(socket.remoteAddress ?? "");
    socket.destroy();
  });
  server.listen(0, host);
  await once(server, "listening");
  atEnd(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { from, port, link: (at = host) => `ws://${at}:${port}/${root}` };
}

const dialledFrom = (from: string | undefined, link: string) =>
  errorOf(peerAt(link, { dial: dialNode({ from: () => from }) }).greet());

it("A peer is dialled from the one address that is served at, and as the system likes where that is none", async () => {
  const server = await watching();
  await dialledFrom("127.0.0.9", server.link());
  await dialledFrom("127.0.0.8", server.link("localhost"));
  await dialledFrom(undefined, server.link());
  expect(server.from).toEqual(["127.0.0.9", "127.0.0.8", "127.0.0.1"]);
});

it.each(["192.0.2.1", "::1"])("A peer that cannot be meant to be reached from %s is dialled as ever", async (from) => {
  const server = await watching();
  await dialledFrom(from, server.link());
  expect(server.from).toEqual(["127.0.0.1"]);
});

const [bound, plain] = ["bound", "plain"];

/** Dials of one host, whose socket does what `meets` says; and how they went. */
function dialling(meets: (way: string) => Observable<string>) {
  const departure = new Departure(() => "127.0.0.9");
  const ways: string[] = [];
  const dial = () =>
    departure.dial("127.0.0.1", (how) => {
      const way = how === undefined ? plain : bound;
      ways.push(way);
      return meets(way);
    });
  return { ways, dial };
}

const down = throwError(() => new DownloadError("NETWORK_DOWN", "no way there"));
const refused = throwError(() => new DownloadError("PEER_BUSY", "busy"));

it("A peer that is not reached from the address is dialled as ever at once, and from then on", async () => {
  const { ways, dial } = dialling((way) => (way === bound ? down : of("open")));
  expect(await lastValueFrom(dial())).toBe("open");
  expect(await lastValueFrom(dial())).toBe("open");
  expect(ways).toEqual([bound, plain, plain]);
});

it("A peer that is not reached at all is dialled from the address again; one that refuses was reached", async () => {
  const gone = dialling(() => down);
  for (const dial of [gone.dial, gone.dial]) expect((await errorOf(dial())).code).toBe("NETWORK_DOWN");
  expect(gone.ways).toEqual([bound, plain, bound, plain]);
  const busy = dialling(() => refused);
  for (const dial of [busy.dial, busy.dial]) expect((await errorOf(dial())).code).toBe("PEER_BUSY");
  expect(busy.ways).toEqual([bound, bound]);
});

it("A peer that says nothing from the address is dialled as ever the next time, and from the address after that", async () => {
  const { ways, dial } = dialling(() => NEVER);
  for (const count of [1, 2, 3]) {
    const given = dial().subscribe();
    await expect.poll(() => ways.length).toBe(count);
    given.unsubscribe();
  }
  expect(ways).toEqual([bound, plain, bound]);
});
