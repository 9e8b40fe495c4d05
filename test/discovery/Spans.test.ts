import { concat, of, type Observable, toArray } from "rxjs";
import { describe, expect, it } from "vitest";
import type { Mirror } from "../../src/discovery/Mirror.js";
import { Spans } from "../../src/discovery/Spans.js";
import type { ByteRange } from "../../src/peers/Peer.js";
import { ForwardStream } from "../../src/transfer/ForwardStream.js";
import { someBytes } from "../download/swarm.js";

const file = someBytes(900);

/** A mirror of the file, and what it was asked for. */
function mirrorOf(): { readonly mirror: Mirror; readonly asked: ByteRange[] } {
  const asked: ByteRange[] = [];
  const request = (range: ByteRange): Observable<Uint8Array> => {
    asked.push(range);
    return of(file.subarray(range.position, range.position + range.length));
  };
  return { mirror: { id: "mirror", ranges: true, request } as unknown as Mirror, asked };
}

describe("Spans", () => {
  it("A range that crosses the end of an open answer is read along it, and what that lacks is asked for", () => {
    const { mirror, asked } = mirrorOf();
    const stream = new ForwardStream({ id: "mirror", bytes: () => concat(of(file.subarray(0, 250))) });
    const spans = new Spans(mirror, { stream, end: 250 });
    const came: Uint8Array[] = [];
    spans
      .along({ chunk: 0, offset: 0, position: 0, length: 400 })
      ?.pipe(toArray())
      .subscribe((pieces) => came.push(...pieces));
    expect(Buffer.concat(came)).toEqual(Buffer.from(file.subarray(0, 400)));
    expect(asked).toEqual([{ chunk: 0, offset: 250, position: 250, length: 150 }]);
  });
});
