import { lastValueFrom, Subscription, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import type { HttpPeerOptions } from "../../src/adapters/http/HttpPeerOptions.js";
import { fetchText } from "../../src/discovery/fetchText.js";
import { cleanUp, errorOf, peerAt, plainTcp, serve } from "../adapters/http/harness.js";
import { discoveryFor } from "./discoveryFor.js";

afterEach(cleanUp);

const quick = { initialBackoffMs: 1, maxBackoffMs: 2 };

interface Fetching {
  readonly http?: Partial<HttpPeerOptions>;
  readonly maxBytes?: number;
}

const fetched = (url: string, { http = {}, maxBytes }: Fetching = {}) =>
  fetchText(peerAt(url, http), discoveryFor(quick), maxBytes);
const textAt = (url: string, config?: Fetching) => lastValueFrom(fetched(url, config).pipe(toArray()));

describe("fetchText", () => {
  it("A text comes as UTF-8, in one emission, however it is cut on the way", async () => {
    const text = "\ufeff<name>café 🎬</name>";
    const { url, requests } = await serve((_, response) => {
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
      response.end();
    });
    expect(await textAt(url)).toEqual([text.slice(1)]);
    expect(requests.map(({ method, headers }) => [method, headers.range])).toEqual([["GET", undefined]]);
  });

  it("An empty text is brought as one", async () => {
    const { url } = await serve((_, response) => response.end());
    expect(await textAt(url)).toEqual([""]);
  });

  it("A text is fetched through redirects, five at most", async () => {
    const { url } = await serve((request, response) => {
      const hops = Number(new URL(request.url ?? "", "http://x").searchParams.get("hops") ?? 0);
      if (hops === 0) response.end("here");
      else response.writeHead(302, { location: `/file.bin?hops=${hops - 1}` }).end();
    });
    expect(await textAt(`${url}?hops=5`)).toEqual(["here"]);
    expect(await errorOf(fetched(`${url}?hops=6`))).toMatchObject({ code: expect.any(String) as string });
  });

  it("A text is asked for again after what passes: a broken connection, an error of the server, a busy one", async () => {
    let count = 0;
    const { url } = await serve((_, response) => {
      count += 1;
      if (count === 1) response.writeHead(200, { "content-length": 9 }).write("half");
      if (count === 1) setImmediate(() => response.destroy());
      else if (count === 2) response.writeHead(500).end();
      else if (count === 3) response.writeHead(503, { "retry-after": "0" }).end();
      else response.end("whole");
    });
    expect(await textAt(url)).toEqual(["whole"]);
    expect(count).toBe(4);
  });

  it("A text is given up after the retries of the config, with what the last one said", async () => {
    const { url, requests } = await serve((_, response) => response.writeHead(500).end());
    const { message, code } = (await errorOf(fetched(url))) as Error & { code: string };
    expect(code).toBe("PEER_UNAVAILABLE");
    expect(message).toContain(url);
    expect(requests).toHaveLength(4);
  });

  it.each([
    [404, "FILE_NOT_FOUND"],
    [401, "AUTH_FAILED"],
    [418, "PEER_REJECTED"],
  ])("A text is not asked for again after %i, which is %s", async (status, code) => {
    const { url, requests } = await serve((_, response) => response.writeHead(status).end());
    expect(await errorOf(fetched(url))).toMatchObject({ code });
    expect(requests).toHaveLength(1);
  });

  it("A text may have no more bytes than was told, and the connection is closed then", async () => {
    const { url, requests } = await serve((_, response) => {
      response.write("x".repeat(1000));
    });
    expect(await errorOf(fetched(url, { maxBytes: 999 }))).toMatchObject({
      code: "INVALID_MANIFEST",
      message: `${url} has more than 999 bytes, expected at most that`,
    });
    expect(requests).toHaveLength(1);
    const { url: fits } = await serve((_, response) => response.end("x".repeat(999)));
    expect(await textAt(fits, { maxBytes: 999 })).toEqual(["x".repeat(999)]);
  });

  it("A text is fetched with the secret that its host was given, from the address or by name, and shows none", async () => {
    const { url, port, requests } = await serve((_, response) => response.writeHead(403).end());
    const error = (await errorOf(fetched(url.replace("//", "//me:hunter2@")))) as Error;
    expect(error.message).not.toContain("hunter2");
    const http = { tokens: { [`127.0.0.1:${port}`]: "right", "127.0.0.2": "wrong" } };
    await errorOf(fetched(url, { http }));
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      `Basic ${Buffer.from("me:hunter2").toString("base64")}`,
      "Bearer right",
    ]);
  });

  it("A text that is unsubscribed closes the connection at once", async () => {
    const asking = new Subscription();
    const closed = new Promise<void>((resolve) => {
      void plainTcp((socket) => {
        socket.on("close", () => resolve());
        socket.once("data", () => asking.unsubscribe());
      }).then(({ url }) => asking.add(fetched(url).subscribe({ error: () => undefined })));
    });
    await closed;
  });
});
