import { firstValueFrom, lastValueFrom, map, merge, Subject } from "rxjs";
import { isIP } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RtcMeeting } from "../../../src/adapters/webrtc/RtcMeeting.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import type { Connection } from "../../../src/seeder/Connection.js";
import { createSeeder } from "../../../src/seeder/createSeeder.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { TestServer } from "../websocket/harness.js";
import { meetingBy, otherAt, saidToOversized, serveOversized } from "./harness.js";

const mib = 1024 * 1024;
const file = await memoryFile(8 * mib, mib);
const { root } = file.manifest;

/** One that serves by `serve`, and a way to call it; both are at a real seeder. */
async function met(serve: (connection: Connection) => void) {
  const server = new TestServer([file.source]);
  onTestFinished(() => server.stop());
  const link = await server.link(file.manifest);
  await meetingBy(link, serve);
  return otherAt(await meetingBy(link));
}

function peerBy(id: string, dial: ReturnType<RtcMeeting["dialTo"]>): WebSocketPeer {
  const name = `rtc:${id}`;
  const peer = new WebSocketPeer({ url: `${name}/${root}`, id: name, host: id, root }, { dial, maxFrameBytes: 65_536 });
  onTestFinished(() => peer.close());
  return peer;
}

const range = { chunk: 0, offset: 0, length: mib, position: 0 };

describe("a data channel", () => {
  it("A data channel brings all bytes of many requests at once, in order", async () => {
    const seeder = createSeeder(new Map([[root, file.source]]));
    const { id, dial } = await met((connection) => {
      const serving = seeder.accept(connection).subscribe();
      onTestFinished(() => serving.unsubscribe());
    });
    const peer = peerBy(id, dial);
    const chunks = Array.from({ length: 8 }, async (_, chunk) => {
      const pieces: Uint8Array[] = [];
      const all = peer.request({ ...range, chunk, position: chunk * mib });
      await lastValueFrom(all.pipe(map((piece) => pieces.push(piece.slice()))));
      return Buffer.concat(pieces);
    });
    expect(Buffer.concat(await Promise.all(chunks)).equals(file.bytes)).toBe(true);
  });

  it("A client is of the host that its connection shows, whatever name the seeder gave it, and however many channels it has", async () => {
    const hosts: (string | undefined)[] = [];
    const { id, dial } = await met((connection) => {
      hosts.push(connection.host);
      connection.frames.subscribe();
    });
    const calling = merge(peerBy(id, dial).greet(), peerBy(id, dial).greet()).subscribe({ error: () => undefined });
    onTestFinished(() => calling.unsubscribe());
    await expect.poll(() => hosts.length).toBe(2);
    expect(isIP(hosts[0] ?? "")).not.toBe(0);
    expect(hosts[1]).toBe(hosts[0]);
  });

  it("A message of more than was said to be taken ends the connection as PROTOCOL_ERROR, and nothing waits", async () => {
    const { id, dial } = await met(serveOversized);
    await expect(lastValueFrom(peerBy(id, dial).request(range))).rejects.toMatchObject({
      code: "PROTOCOL_ERROR",
      message: `rtc:${id}: it sent a message of 200000 bytes, expected at most 65536`,
    });
  });

  it("A client that sends too large a message is told so before its channel is closed", async () => {
    const seeder = createSeeder(new Map([[root, file.source]]));
    const ended = new Subject<void>();
    const other = await met((connection) => void seeder.accept(connection).subscribe({ complete: () => ended.next() }));
    const over = firstValueFrom(ended);
    const { said, code } = await saidToOversized(other);
    expect(code).toBe("CONNECTION_LOST");
    await over;
    expect(said).toEqual(["hello", "PROTOCOL_ERROR"]);
  });
});
