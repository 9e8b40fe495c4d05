import { BehaviorSubject, firstValueFrom, of, Subject, toArray } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { httpPeers } from "../../../src/adapters/http/httpPeers.js";
import { answerWith, atEnd, bytesOf, cleanUp, errorOf, fileOf, gone, rangeOf, serve } from "./harness.js";

const file = fileOf(1000);
const range = rangeOf(0, 100);
const options = { connect: connectNode() };

afterEach(cleanUp);

describe("mirrors from a list of addresses", () => {
  it("Mirrors from a list stay as long as their address does, whatever its user or fragment", async () => {
    const [a, b] = [await serve(answerWith(file)), await serve(answerWith(file))];
    const urls = new BehaviorSubject([a.url]);
    const seen: (readonly HttpPeer[])[] = [];
    const subscription = httpPeers(urls, options).subscribe((peers) => seen.push(peers));
    atEnd(() => subscription.unsubscribe());
    urls.next([a.url.replace("//", "//me:pw@"), `${a.url}#x`, b.url]);
    expect(seen.map((peers) => peers.map(({ id }) => id))).toEqual([[a.url], [a.url, b.url]]);
    const [alice, bob] = seen[1] ?? [];
    expect(alice).toBe(seen[0]?.[0]);
    if (alice === undefined || bob === undefined) throw new Error("no peers");
    await Promise.all([alice, bob].map((peer) => bytesOf(peer.request(range))));
    urls.next([b.url]);
    await gone(a.sockets);
    expect(await errorOf(alice.request(range))).toMatchObject({ code: "CONNECTION_LOST" });
    await bytesOf(bob.request(range));
    subscription.unsubscribe();
    await gone(b.sockets);
    expect(await errorOf(bob.request(range))).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("Mirrors from a list are told again when one serves no ranges", async () => {
    const server = await serve((_request, response) => response.writeHead(200).end(file));
    const lists: (readonly HttpPeer[])[] = [];
    const subscription = httpPeers(new BehaviorSubject([server.url]), options).subscribe((peers) => lists.push(peers));
    atEnd(() => subscription.unsubscribe());
    const peer = lists[0]?.[0];
    if (peer === undefined) throw new Error("no peer");
    await errorOf(peer.request(range));
    await errorOf(peer.request(range));
    expect(lists).toEqual([[peer], [peer]]);
    expect(peer.ranges).toBe(false);
  });

  it("Mirrors from a list outlive one that completed, until closeWhen emits", async () => {
    const server = await serve(answerWith(file));
    const closeWhen = new Subject<void>();
    const [peers] = await firstValueFrom(httpPeers(of([server.url]), { ...options, closeWhen }).pipe(toArray()));
    const peer = peers?.[0];
    if (peer === undefined) throw new Error("no peer");
    expect(await bytesOf(peer.request(range))).toHaveLength(100);
    closeWhen.next();
    await gone(server.sockets);
    expect(await errorOf(peer.request(range))).toMatchObject({ code: "CONNECTION_LOST" });
  });

  it("Errors of a list of mirrors are passed on, and text that is no address is refused", () => {
    const urls = new Subject<readonly string[]>();
    const errors: unknown[] = [];
    const error = (thrown: unknown) => errors.push(thrown);
    httpPeers(urls, options).subscribe({ error });
    urls.error("lost");
    httpPeers(of(["ws://a/"]), options).subscribe({ error });
    httpPeers(of(["http://a/"]), { ...options, maxRedirects: 0.5 }).subscribe({ error });
    expect(errors).toEqual(["lost", expect.any(TypeError), expect.any(RangeError)]);
  });
});
