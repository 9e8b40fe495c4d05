import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { WebSocket } from "ws";
import { afterEach, describe, expect, it } from "vitest";
import { dialBrowser, type WebSocketConstructor } from "../../../src/adapters/websocket/dialBrowser.js";
import { bundled } from "../../e2e/bundled.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, scripted, serve, wholeChunk } from "./harness.js";

const file = await memoryFile(600_000, 600_000);
const { manifest } = file;
const whole = wholeChunk(manifest, 0);
// `ws` has the browser's interface too.
const dial = dialBrowser(WebSocket as unknown as WebSocketConstructor);

afterEach(cleanUp);

describe("the browser's dial", () => {
  it("A page gets chunks over a WebSocket, with a token where one is needed", async () => {
    const server = serve([file.source], {}, { token: "t/o+k=en" });
    const peer = peerAt(await server.link(manifest), { dial, tokens: { "127.0.0.1": "t/o+k=en" } });
    expect((await bytesOf(peer.request(whole))).equals(file.bytes)).toBe(true);
  });

  it("A page gets chunks through the platform's own WebSocket", async () => {
    const server = serve([file.source]);
    const script = bundled(new URL("browserClient.ts", import.meta.url));
    const flags = ["--experimental-websocket", "--no-warnings"];
    const { stdout } = await promisify(execFile)(process.execPath, [...flags, script, await server.link(manifest)]);
    expect(stdout).toBe("600000 bytes, then CONNECTION_LOST\n");
  });

  it("A page hears of a handshake that failed, and no more", async () => {
    const server = serve([file.source], {}, { token: "secret" });
    expect(await errorOf(peerAt(await server.link(manifest), { dial }).request(whole))).toMatchObject({
      code: "CONNECTION_REFUSED",
    });
  });

  it("A page hears of text, drops and close codes", async () => {
    const texting = await scripted((_message, { socket }) => socket.send("hi"));
    const busy = await scripted((_message, { socket }) => socket.close(1013, "later"));
    const [text, close] = await Promise.all(
      [texting, busy].map(({ url }) => errorOf(peerAt(`${url}/${manifest.root}`, { dial }).request(whole))),
    );
    expect(text).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(close).toMatchObject({ code: "PEER_BUSY" });
  });

  it("A page checks the size of messages itself", async () => {
    const server = await scripted((message, client) => {
      if (message.type === "get-chunk")
        client.say({ type: "data", id: message.id, offset: 0, bytes: new Uint8Array(5000) });
    });
    const peer = peerAt(`${server.url}/${manifest.root}`, { dial, maxFrameBytes: 4096 });
    const error = await errorOf(peer.request(whole));
    expect(error.message).toContain("5032 bytes, expected at most 4096");
  });
});
