import { lastValueFrom, toArray } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { HttpPeer } from "../../src/adapters/http/HttpPeer.js";
import { httpOptions } from "../../src/tools/httpOptions.js";
import { answerWith, atEnd, cleanUp, fileOf, rangeOf, serve, tls } from "../adapters/http/harness.js";

afterEach(cleanUp);

it("Tokens and headers reach the mirror that they are for, and no other", async () => {
  const file = fileOf(100);
  const [one, two] = [await serve(answerWith(file)), await serve(answerWith(file))];
  const host = `127.0.0.1:${one.port}`;
  for (const { url } of [one, two]) {
    const peer = new HttpPeer(
      url,
      httpOptions({ tokens: { [host]: "secret" }, headers: { [host]: { "X-Key": "1" } } }),
    );
    atEnd(() => peer.close());
    await lastValueFrom(peer.request(rangeOf(0, 9)).pipe(toArray()));
  }
  const heard = [one, two].map(({ requests: [request] }) => [
    request?.headers.authorization,
    request?.headers["x-key"],
  ]);
  expect(heard).toEqual([
    ["Bearer secret", "1"],
    [undefined, undefined],
  ]);
});

it("Where nothing is allowed, nothing is sent", () => {
  expect(httpOptions({})).toMatchObject({ tokens: {}, headers: {} });
});

it("A certificate authority is trusted for the mirrors that it vouches for", async () => {
  const mirror = await serve(answerWith(fileOf(100)), { tls });
  const peer = new HttpPeer(mirror.url, httpOptions({ ca: tls.cert }));
  atEnd(() => peer.close());
  expect(Buffer.concat(await lastValueFrom(peer.request(rangeOf(0, 9)).pipe(toArray())))).toEqual(
    fileOf(100).subarray(0, 9),
  );
});
