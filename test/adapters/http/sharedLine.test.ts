import { afterEach, describe, expect, it } from "vitest";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { sharedLine } from "../../../src/adapters/http/sharedLine.js";
import { answerWith, atEnd, bytesOf, cleanUp, fileOf, gone, part, rangeOf, serve } from "./harness.js";
import { lanes } from "./lanes.js";

const file = fileOf(10_000);
const range = rangeOf(0, 1000);

afterEach(cleanUp);

function newLine(): ReturnType<typeof sharedLine> {
  const line = sharedLine(connectNode());
  atEnd(() => line.close());
  return line;
}

describe.each(lanes)("$name:", ({ peerAt, ask }) => {
  it("A connection that the peer of one download has left serves that of the next, also when the first peer is closed", async () => {
    const server = await serve(answerWith(file));
    const { connect } = newLine();
    const [first, second] = [peerAt(server.url, { connect }), peerAt(server.url, { connect })];
    expect(await bytesOf(ask(first, range))).toHaveLength(1000);
    first.close();
    expect(await bytesOf(ask(second, range))).toHaveLength(1000);
    expect(server.sockets).toHaveLength(1);
  });

  it("A peer that is closed leaves a request of another one on the same line untouched", async () => {
    const server = await serve((_request, response) => {
      part(response, { first: 0, last: 999, total: 10_000 }).write(file.subarray(0, 500));
      server.server.once("goOn", () => response.end(file.subarray(500, 1000)));
    });
    const { connect } = newLine();
    const [first, second] = [peerAt(server.url, { connect }), peerAt(server.url, { connect })];
    let came = 0;
    const rest = new Promise<void>((resolve, reject) => {
      ask(second, range).subscribe({
        next: ({ length }) => {
          if (came === 0) {
            first.close();
            server.server.emit("goOn");
          }
          came += length;
        },
        complete: resolve,
        error: reject,
      });
    });
    await rest;
    expect(came).toBe(1000);
  });

  it("A peer that wants new connections has its own from then on, and those of the others stand", async () => {
    const server = await serve(answerWith(file));
    const { connect } = newLine();
    const [first, second] = [peerAt(server.url, { connect }), peerAt(server.url, { connect })];
    await bytesOf(ask(first, range));
    first.renew();
    await bytesOf(ask(first, range));
    expect(server.sockets).toHaveLength(2);
    await bytesOf(ask(second, range));
    expect(server.sockets).toHaveLength(2);
    first.close();
    await gone(server.sockets.slice(1));
    expect(server.sockets[0]?.closed).toBe(false);
  });

  it("A line that nobody uses any more closes its connections, and the next peer dials a new one", async () => {
    const server = await serve(answerWith(file));
    server.server.keepAliveTimeout = 0; // it closes none by itself
    const line = newLine();
    await bytesOf(ask(peerAt(server.url, { connect: line.connect }), range));
    line.close();
    await gone(server.sockets);
    expect(await bytesOf(ask(peerAt(server.url, { connect: line.connect }), range))).toHaveLength(1000);
    expect(server.sockets).toHaveLength(2);
  });
});
