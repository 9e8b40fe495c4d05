import { firstValueFrom } from "rxjs";
import { afterEach, describe, expect, it } from "vitest";
import { answerWith, cleanUp, errorOf, fileOf, gone, peerAt, serve } from "./harness.js";

const file = fileOf(1000);
const lastModified = "Sun, 06 Nov 1994 08:49:37 GMT";

afterEach(cleanUp);

const probe = (url: string) => firstValueFrom(peerAt(url).probe());

describe("a probe", () => {
  it("A probe tells size, ranges, validators and name, by a GET of two bytes", async () => {
    const server = await serve(answerWith(file, { etag: '"v1"', "last-modified": lastModified }));
    expect(await probe(server.url)).toEqual({ size: 1000, ranges: true, etag: '"v1"', lastModified, name: "file.bin" });
    expect(server.requests.map(({ method, headers }) => [method, headers.range])).toEqual([["GET", "bytes=0-1"]]);
  });

  it("A probe tells how the file is coded as it is stored, where a mirror says so", async () => {
    const server = await serve(answerWith(file, { "content-encoding": "identity, x-gzip" }));
    expect(await probe(server.url)).toMatchObject({ size: 1000, coding: "x-gzip" });
  });

  it("A probe leaves a connection that the next request uses", async () => {
    const server = await serve(answerWith(file));
    const peer = peerAt(server.url);
    await firstValueFrom(peer.probe());
    await firstValueFrom(peer.probe());
    expect(server.sockets).toHaveLength(1);
  });

  it("A probe finds a mirror that serves no ranges, without reading the file", async () => {
    const server = await serve((_request, response) =>
      response.writeHead(200, { "content-length": 2 ** 42 }).write("x"),
    );
    const peer = peerAt(server.url);
    expect(await firstValueFrom(peer.probe())).toEqual({ size: 2 ** 42, ranges: false, name: "file.bin" });
    expect(peer.ranges).toBe(false);
    expect(server.sockets).toHaveLength(1);
    await gone(server.sockets);
  });

  it("A probe may be told no size", async () => {
    const chunked = await serve((_request, response) => response.writeHead(200).end(file));
    expect(await probe(chunked.url)).toEqual({ ranges: false, name: "file.bin" });
    const unknown = await serve((_request, response) => {
      response.writeHead(206, { "content-range": "bytes 0-1/*" }).end("xy");
    });
    expect(await probe(unknown.url)).toEqual({ ranges: true, name: "file.bin" });
  });

  it("A probe asks for the whole when the size is not told with the first bytes", async () => {
    const asked: (string | undefined)[] = [];
    const { url } = await serve(({ headers }, response) => {
      asked.push(headers.range);
      if (headers.range === undefined) response.writeHead(200, { "content-length": file.length }).end(file);
      else response.writeHead(206, { "content-range": "bytes 0-1/*" }).end("xy");
    });
    expect(await probe(url)).toEqual({ ranges: true, name: "file.bin", size: file.length });
    expect(asked).toEqual(["bytes=0-1", undefined]);
  });

  it("A probe asks for two bytes, since servers of several kinds take an end of 0 for none and send all of the file", async () => {
    const { url } = await serve(({ headers }, response) => {
      const [, first = "0", last = "0"] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
      const end = Number(last) || file.length - 1;
      const part = file.subarray(Number(first), end + 1);
      const range = `bytes ${first}-${end}/${file.length}`;
      response.writeHead(206, { "content-range": range, "content-length": part.length }).end(part);
    });
    expect(await probe(url)).toEqual({ ranges: true, name: "file.bin", size: file.length });
  });

  it("A probe finds an empty file, in either way to answer, and one of a byte", async () => {
    const [none, all, one] = await Promise.all([
      serve(answerWith(Buffer.alloc(0))),
      serve((_request, response) => response.writeHead(200, { "content-length": 0 }).end()),
      serve((_request, response) => response.writeHead(200, { "content-length": 1 }).end("x")),
    ]);
    expect(await Promise.all([none, all, one].map(({ url }) => probe(url)))).toMatchObject([
      { size: 0, ranges: true },
      { size: 0, ranges: true },
      { size: 1, ranges: true },
    ]);
  });

  it("A probe tells of a weak ETag as of one, of one without quotes as weak, and not of one that is none", async () => {
    for (const [etag, said] of [
      ['W/"v1"', { etag: 'W/"v1"' }],
      ["v1", { etag: 'W/"v1"' }],
      ['"a"b"'],
      ['w/"v1"'],
    ] as const) {
      const server = await serve(answerWith(file, { etag }));
      expect(await probe(server.url)).toEqual({ size: 1000, ranges: true, name: "file.bin", ...said });
    }
  });

  it("A probe tells where redirects led to, without what is made up each time", async () => {
    const target = await serve(answerWith(file, { etag: '"v1"' }));
    const server = await serve((_request, response) =>
      response.writeHead(302, { location: `${target.url}?signed=1` }).end(),
    );
    expect(await probe(server.url)).toEqual({
      ...{ size: 1000, ranges: true, name: "file.bin", etag: '"v1"' },
      place: target.url,
    });
  });

  it("A probe errors as requests do", async () => {
    const missing = await serve((_request, response) => response.writeHead(404).end());
    expect(await errorOf(peerAt(missing.url).probe())).toMatchObject({ code: "FILE_NOT_FOUND" });
    const odd = await serve((_request, response) => response.writeHead(416, { "content-range": "bytes */7" }).end());
    expect(await errorOf(peerAt(odd.url).probe())).toMatchObject({ code: "PROTOCOL_ERROR" });
    const other = peerAt((await serve(answerWith(Buffer.alloc(0)))).url);
    other.expect({ size: 10 });
    expect(await errorOf(other.probe())).toMatchObject({ code: "RESOURCE_CHANGED" });
  });
});

describe("the suggested name", () => {
  const named = async (path: string, disposition?: string) => {
    // Written by hand: Node's server changes what is not ASCII.
    const line = disposition === undefined ? "" : `Content-Disposition: ${disposition}\r\n`;
    const server = await serve(
      ({ socket }) => {
        const head = `HTTP/1.1 206 OK\r\nContent-Range: bytes 0-1/9\r\nContent-Length: 2\r\n${line}\r\n`;
        socket.write(`${head}xy`, "latin1");
      },
      { path },
    );
    return (await probe(server.url)).name;
  };

  it.each([
    ["/a/b%20c.iso?x=1", undefined, "b c.iso"],
    ["/a/%zz", undefined, "%zz"],
    ["/a/", undefined, undefined],
    ["/x", "attachment", "x"],
    ["/x", 'attachment; filename="real name.iso"', "real name.iso"],
    ["/x", "attachment; filename=plain.iso", "plain.iso"],
    ["/x", "attachment; filename=\"fallback\"; filename*=UTF-8''na%C3%AFve.iso", "naïve.iso"],
    ["/x", Buffer.from('attachment; filename="naïve.iso"').toString("latin1"), "naïve.iso"],
    ["/x", 'attachment; filename="na\xefve.iso"', "naïve.iso"],
    ["/x", 'attachment; filename=""', "x"],
    ["/x", 'attachment; filename="../../etc/passwd"', "../../etc/passwd"],
    ["/x", ';;=;"', "x"],
  ])("The suggested name of %s with %s is %s", async (path, disposition, name) => {
    expect(await named(path, disposition)).toBe(name);
  });

  it("The suggested name is that of the address to which the mirror redirects", async () => {
    const server = await serve(
      (request, response) => {
        if (request.url === "/latest") response.writeHead(302, { location: "/v2.iso" }).end();
        else answerWith(file)(request, response);
      },
      { path: "/latest" },
    );
    expect((await probe(server.url)).name).toBe("v2.iso");
  });
});
