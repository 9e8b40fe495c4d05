import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { WebSocket } from "ws";
import { afterEach, describe, expect, it } from "vitest";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { serveWebSocket } from "../../../src/adapters/websocket/serveWebSocket.js";
import { serveFiles } from "../../../src/tools/serveFiles.js";
import { createSeeder } from "../../../src/seeder/createSeeder.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { atEnd, bytesOf, cleanUp, errorOf, peerAt, refusing, scripted, serve, wholeChunk } from "./harness.js";

const file = await memoryFile(1000, 1000);
const { manifest } = file;
const whole = wholeChunk(manifest, 0);
const anotherKey = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
}).privateKey;
const pem = (name: string) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");

afterEach(cleanUp);

/** Dials by hand; resolves to "open" or the HTTP status of the refusal. */
function dial(url: string, protocols: string[], headers: Record<string, string> = {}): Promise<number | "open"> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, protocols, { headers });
    atEnd(() => socket.terminate());
    socket.on("error", () => undefined);
    socket.on("open", () => resolve("open"));
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
  });
}

describe("a WebSocket server", () => {
  it("A server tells where it listens, and stops listening at unsubscribe", async () => {
    const server = serve([file.source]);
    const { url, port } = await server.seen("listening");
    expect(url).toBe(`ws://127.0.0.1:${port}`);
    const peer = peerAt(`${url}/${manifest.root}`);
    await bytesOf(peer.request(whole));
    server.stop();
    expect((await errorOf(peer.request(whole))).code).toMatch(/^CONNECTION_/);
    expect(await errorOf(peer.request(whole))).toMatchObject({ code: "CONNECTION_REFUSED" });
  });

  it("A server listens on the address that it is given, IPv6 too where the machine has it", async () => {
    const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));
    const [host, name] = hasIPv6 ? ["::1", "[::1]"] : ["127.0.0.2", "127.0.0.2"];
    const server = serve([file.source], {}, { host });
    const peer = peerAt(await server.link(manifest));
    expect(peer.id.startsWith(`ws://${name}:`)).toBe(true);
    expect((await bytesOf(peer.request(whole))).length).toBe(1000);
    expect((await server.seen("chunk-served")).peer).toContain(hasIPv6 ? "[::1]:" : "127.0.0.");
  });

  it("A server errors with LOCAL_IO when the port is in use or the address is not ours", async () => {
    const { port } = await serve([]).seen("listening");
    const seeder = createSeeder(new Map());
    const taken = await errorOf(serveWebSocket(seeder, { port }));
    expect(taken).toMatchObject({ code: "LOCAL_IO" });
    expect(taken.message).toBe(`cannot listen on 127.0.0.1 port ${port}: the port is in use`);
    expect(await errorOf(serveWebSocket(seeder, { host: "192.0.2.1" }))).toMatchObject({ code: "LOCAL_IO" });
  });

  it("A server refuses wrong options by name", () => {
    expect(() => serveWebSocket(createSeeder(new Map(), { maxConnections: 0 }))).toThrow(/^maxConnections is 0/);
  });

  it("A server accepts only its own subprotocol", async () => {
    const server = serve([]);
    const { url } = await server.seen("listening");
    expect(await dial(url, [])).toBe(400);
    expect(await dial(url, ["tributary.v2"])).toBe(400);
    expect(await dial(url, ["tributary.v2", "tributary.v1"])).toBe("open");
    expect(server.count("handshake-refused")).toBe(2);
  });

  it("A server answers plain HTTP with 426", async () => {
    const { port } = await serve([]).seen("listening");
    const status = await new Promise((resolve) => {
      get({ port, host: "127.0.0.1" }, (response) => resolve(response.resume().statusCode));
    });
    expect(status).toBe(426);
  });

  it("A server refuses connections over its limit with 503 and a wait, and takes new ones when others went", async () => {
    const server = serve([file.source], { busyRetryAfterMs: 2500, maxConnections: 1 });
    const link = await server.link(manifest);
    const [first, second] = [peerAt(link), peerAt(link)];
    await bytesOf(first.request(whole));
    expect(await errorOf(second.request(whole))).toMatchObject({ code: "PEER_BUSY", retryAfterMs: 3000 });
    first.close();
    await server.seen("connection-closed");
    expect((await bytesOf(second.request(whole))).length).toBe(1000);
  });

  it.each([{}, { tls: { cert: pem("cert"), key: pem("key") } }])(
    "A server closes sockets of one address that are no clients beyond twice the clients it may have, the oldest first, and serves a client among them",
    async (config) => {
      const server = serve([file.source], { maxConnectionsPerAddress: 2 }, config);
      const link = await server.link(manifest);
      const peer = peerAt(link, { dial: dialNode({ ca: pem("cert") }) });
      expect((await bytesOf(peer.request(whole))).length).toBe(1000);
      const sockets = Array.from({ length: 9 }, () => connect(Number(new URL(link).port), "127.0.0.1"));
      atEnd(() => sockets.forEach((socket) => socket.destroy()));
      const closed = sockets.map((socket) => {
        socket.on("error", () => undefined);
        return once(socket, "close");
      });
      await Promise.all(closed.slice(0, 6));
      expect(sockets.slice(6).map((socket) => socket.destroyed)).toEqual([false, false, false]);
      const late = peerAt(link, { dial: dialNode({ ca: pem("cert") }) });
      expect((await bytesOf(late.request(whole))).length).toBe(1000);
      expect((await bytesOf(peer.request(whole))).length).toBe(1000);
      expect(server.count("connection-closed")).toBe(0);
    },
  );

  it("A server hangs up on text and on messages that are too large", async () => {
    const { url } = await serve([], { maxFrameBytes: 2048 }).seen("listening");
    const closed = (send: (socket: WebSocket) => void) =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, ["tributary.v1"]);
        socket.on("open", () => send(socket));
        socket.on("close", (code) => resolve(code));
      });
    expect(await closed((socket) => socket.send("hello"))).toBe(1002);
    expect(await closed((socket) => socket.send(new Uint8Array(2049)))).toBe(1009);
    expect(await closed((socket) => socket.send(Uint8Array.of(1, 2, 3)))).toBe(1007);
  });

  it("A server sends frames of every length class", async () => {
    const lengths = [1, 70, 125, 126, 1000, 65_500, 65_536, 262_144, 700_000];
    const big = await memoryFile(700_000, 700_000);
    const server = serve([big.source]);
    const peer = peerAt(await server.link(big.manifest));
    const parts = await Promise.all(
      lengths.map((length) => bytesOf(peer.request({ chunk: 0, offset: 0, length, position: 0 }))),
    );
    expect(parts.every((part, at) => part.equals(big.bytes.subarray(0, lengths[at])))).toBe(true);
  });
});

describe("a token", () => {
  it.each(["a b", "a\nb", "é", ""])(
    "A token that no client can bring is refused at the call, and not shown: %j",
    (text) => {
      expect(() => serveWebSocket(createSeeder(new Map()), { token: text })).toThrow(
        /^token holds a space, a line break/,
      );
      expect(() => serveFiles("any", { token: text })).toThrow(TypeError);
    },
  );

  const token = "s3cret/+=";

  it("A token lets in who has it, and nobody else", async () => {
    const server = serve([file.source], {}, { token });
    const link = await server.link(manifest);
    expect((await bytesOf(peerAt(link, { tokens: { "127.0.0.1": token } }).request(whole))).length).toBe(1000);
    expect(await errorOf(peerAt(link, { tokens: { "127.0.0.1": "wrong" } }).request(whole))).toMatchObject({
      code: "AUTH_FAILED",
    });
    expect(await errorOf(peerAt(link).request(whole))).toMatchObject({ code: "AUTH_FAILED" });
    expect(server.events.filter((event) => event.type === "handshake-refused").map(({ status }) => status)).toEqual([
      401, 401,
    ]);
  });

  it("A token may come as a subprotocol, as browsers send it", async () => {
    const { url } = await serve([], {}, { token }).seen("listening");
    const offer = (text: string) => `tributary.bearer.${Buffer.from(text).toString("base64url")}`;
    expect(await dial(url, ["tributary.v1", offer(token)])).toBe("open");
    expect(await dial(url, ["tributary.v1", offer("wrong")])).toBe(401);
    expect(await dial(url, [offer(token)])).toBe(400);
    expect(await dial(url, ["tributary.v1"], { authorization: `Basic ${token}` })).toBe(401);
  });

  it("A token goes to the host that it was given for, and to no other", async () => {
    const server = await scripted((message, client) => {
      if (message.type === "get-chunk") client.say({ type: "error", id: message.id, code: "PEER_BUSY", message: "" });
    });
    const link = `${server.url}/${manifest.root}`;
    const port = new URL(server.url).port;
    const sent = async (tokens: Record<string, string>) => {
      await errorOf(peerAt(link, { tokens }).request(whole));
      return server.headers().at(-1)?.authorization;
    };
    expect(
      await sent({ "127.0.0.2": "theirs", localhost: "theirs", [`127.0.0.1:${port}0`]: "theirs" }),
    ).toBeUndefined();
    expect(await sent({ "127.0.0.1": "host", [`127.0.0.1:${port}`]: "port" })).toBe("Bearer port");
    expect(await sent({ "127.0.0.1": "host" })).toBe("Bearer host");
  });

  it("A token does not follow a redirect", async () => {
    const thief = await scripted(() => undefined);
    const url = await refusing(`HTTP/1.1 302 Found\r\nLocation: ${thief.url}/\r\nContent-Length: 0\r\n\r\n`);
    const error = await errorOf(peerAt(`${url}/${manifest.root}`, { tokens: { "127.0.0.1": token } }).request(whole));
    expect(error.code).toBe("PEER_REJECTED");
    expect(thief.connections()).toBe(0);
  });

  it("A token that cannot be a header is refused before anything is dialled, without being shown", () => {
    const wrong = () => peerAt(`ws://a:1/${manifest.root}`, { tokens: { a: "li\nbreak" } });
    expect(wrong).toThrow(/^the token for a:1 holds/);
    expect(wrong).not.toThrow(/li\nbreak/);
  });
});

describe("a web page", () => {
  const page = (origin: string) => ({ origin });

  it("A web page is refused with 403, whatever token it brings, and so is one that nobody can name", async () => {
    const server = serve([file.source], {}, { token: "secret" });
    const { url } = await server.seen("listening");
    const token = { authorization: "Bearer secret" };
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:8080", "", "x\u0080"])
      expect(await dial(url, ["tributary.v1"], { ...page(origin), ...token })).toBe(403);
    expect(await dial(url, ["tributary.v1"], token)).toBe("open");
    expect(server.events.find(({ type }) => type === "handshake-refused")).toMatchObject({
      status: 403,
      message: expect.stringContaining("web pages of https://evil.example are not let in") as string,
    });
  });

  it("A web page is let in whose origin was allowed, letter by letter, and no other", async () => {
    const allowOrigins = ["https://example.org", "http://localhost:8080"];
    const { url } = await serve([], {}, { allowOrigins }).seen("listening");
    for (const origin of allowOrigins) expect(await dial(url, ["tributary.v1"], page(origin))).toBe("open");
    const others = ["http://example.org", "https://example.org:444", "https://example.org.evil.example"];
    for (const origin of [...others, "http://localhost", "https://a.example.org", "*"])
      expect(await dial(url, ["tributary.v1"], page(origin))).toBe(403);
  });

  it("A web page is let in from anywhere when all are allowed", async () => {
    const { url } = await serve([], {}, { allowOrigins: ["*"] }).seen("listening");
    for (const origin of ["https://evil.example", "null"])
      expect(await dial(url, ["tributary.v1"], page(origin))).toBe("open");
  });

  it.each(["", "example.org", "https://example.org/", "https://EXAMPLE.org", "https://*.example.org", "file://"])(
    "An origin that no browser would send is refused at the call: %j",
    (origin) => {
      expect(() => serveWebSocket(createSeeder(new Map()), { allowOrigins: [origin] })).toThrow(TypeError);
      expect(() => serveFiles("any", { allowOrigins: [origin] })).toThrow(
        /^the origin .* is none; expected one such as/,
      );
    },
  );

  it("A server of this machine alone is asked by pages under its address or its own name only", async () => {
    const { url } = await serve([], {}, { allowOrigins: ["https://files.example"] }).seen("listening");
    const { port } = new URL(url);
    const asked = (host: string) => dial(url, ["tributary.v1"], { host, ...page("https://files.example") });
    const own = ["localhost", "a.localhost", "127.0.0.1", "[::1]", "192.0.2.1", hostname(), "files.example"];
    for (const name of own) expect(await asked(`${name}:${port}`)).toBe("open");
    for (const name of ["evil.example", "localhost.evil.example", "notlocalhost", "a b", "127.0.0.1@evil.example"])
      expect(await asked(`${name}:${port}`)).toBe(421);
    expect(await dial(url, ["tributary.v1"], { host: `seeder.test:${port}` })).toBe("open");
  });

  it("A server that others can reach, or that has a certificate, is asked by any name", async () => {
    const open = await serve([], {}, { host: "0.0.0.0" }).seen("listening");
    expect(open.urls.at(-1)).toBe(`ws://127.0.0.1:${open.port}`);
    expect(open.url).toBe(open.urls[0]);
    expect(await dial(`ws://127.0.0.1:${open.port}`, ["tributary.v1"], { host: "seeds.example" })).toBe("open");
    const proven = await serve([file.source], {}, { tls: { cert: pem("cert"), key: pem("key") } }).seen("listening");
    const socket = new WebSocket(proven.url, ["tributary.v1"], { ca: pem("cert"), headers: { host: "seeds.example" } });
    atEnd(() => socket.terminate());
    await once(socket, "open");
  });
});

describe("TLS", () => {
  it.each<[string, string, string, RegExp]>([
    ["a certificate that is none", "x", pem("key"), /^the certificate cannot be used: /],
    ["an empty certificate", "", pem("key"), /^the certificate cannot be used: /],
    ["a key that is none", pem("cert"), "secret", /^the key cannot be used: (?!.*secret)/],
    ["an empty key", pem("cert"), "", /^the key cannot be used: /],
    ["another's key", pem("cert"), anotherKey, /^the key is not the one of the certificate$/],
  ])("A server refuses %s for TLS at the call", (_, cert, key, words) => {
    expect(() => serveWebSocket(createSeeder(new Map()), { tls: { cert, key } })).toThrow(TypeError);
    expect(() => serveWebSocket(createSeeder(new Map()), { tls: { cert, key } })).toThrow(words);
    expect(() => serveFiles("any", { cert, key })).toThrow(words);
  });

  it("A server serves wss to clients that trust its certificate", async () => {
    const server = serve([file.source], {}, { tls: { cert: pem("cert"), key: pem("key") } });
    const link = await server.link(manifest);
    expect(link).toMatch(/^wss:/);
    const trusting = peerAt(link, { dial: dialNode({ ca: pem("cert") }) });
    expect((await bytesOf(trusting.request(whole))).length).toBe(1000);
    const also = peerAt(link, { dial: dialNode({ ca: [pem("cert")] }) });
    expect((await bytesOf(also.request(whole))).length).toBe(1000);
    const error = await errorOf(peerAt(link).request(whole));
    expect(error.code).toBe("PEER_REJECTED");
    expect(error.message).toContain("no trusted TLS connection");
  });
});
