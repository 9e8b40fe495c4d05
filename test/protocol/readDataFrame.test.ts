import fc from "fast-check";
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { decodeServerMessage, encodeDataHead } from "../../src/protocol/codec.js";
import { serverSchemas } from "../../src/protocol/messages.js";
import { readDataFrame } from "../../src/protocol/readDataFrame.js";

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

/** What a frame means by the schemas alone, as text. */
function bySchema(frame: Uint8Array): string {
  try {
    const value: unknown = unpackr.unpack(frame);
    const { type } = value as { type: keyof typeof serverSchemas };
    return shown(v.parse(Object.hasOwn(serverSchemas, type) ? serverSchemas[type] : v.never(), value));
  } catch {
    return "refused";
  }
}

function byCodec(frame: Uint8Array): string {
  try {
    return shown(decodeServerMessage(frame));
  } catch {
    return "refused";
  }
}

function shown(message: unknown): string {
  return JSON.stringify(message, (_key, value: unknown) => (value instanceof Uint8Array ? Array.from(value) : value));
}

const integer = fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(0xffffffff), fc.constantFrom(-1, 2 ** 33, 1.5));
const data = fc.record({
  type: fc.constant("data"),
  id: integer,
  offset: integer,
  bytes: fc.uint8Array({ maxLength: 300 }),
});

describe("a data frame", () => {
  it("A data frame is read without a schema when it is written as a seeder writes it", () => {
    for (const [id, offset] of [
      [0, 0],
      [127, 128],
      [255, 256],
      [65_535, 65_536],
      [2 ** 32 - 1, 2 ** 32 - 1],
    ] as const) {
      const bytes = Buffer.alloc(70_000, 7);
      const frame = Buffer.concat([encodeDataHead({ id, offset, length: bytes.length }), bytes]);
      expect(readDataFrame(frame)).toEqual({ type: "data", id, offset, bytes });
      expect(readDataFrame(frame)?.bytes.buffer).toBe(frame.buffer);
    }
  });

  it("A data frame means what its schema says, however its members are written", () => {
    fc.assert(
      fc.property(data, (message) => {
        const frame = packr.pack(message);
        expect(byCodec(frame)).toBe(bySchema(frame));
      }),
    );
  });

  it("A data frame means what its schema says, or is refused, also when a byte is changed, missing or too many", () => {
    const damage = fc.constantFrom("change", "cut", "add");
    fc.assert(
      fc.property(data, damage, fc.nat(60), fc.nat(255), (message, kind, at, byte) => {
        const frame = packr.pack(message);
        const place = at % frame.length;
        if (kind === "change") frame[place] = byte;
        const damaged =
          kind === "cut" ? frame.subarray(0, place) : kind === "add" ? Buffer.concat([frame, Buffer.of(byte)]) : frame;
        expect(byCodec(damaged)).toBe(bySchema(damaged));
      }),
      { numRuns: 3000 },
    );
  });

  it("A data frame means what its schema says, whatever a byte of its head is", () => {
    const frame = packr.pack({ type: "data", id: 5, offset: 6, bytes: Uint8Array.of(1, 2, 3) });
    for (let at = 0; at < frame.length; at += 1) {
      for (let byte = 0; byte < 256; byte += 1) {
        const changed = Buffer.from(frame);
        changed[at] = byte;
        expect(byCodec(changed)).toBe(bySchema(changed));
      }
    }
  });

  it("A data frame of more than 256 KiB is refused", () => {
    const length = 256 * 1024 + 1;
    const frame = Buffer.concat([encodeDataHead({ id: 1, offset: 0, length }), Buffer.alloc(length)]);
    expect(readDataFrame(frame)).toBeUndefined();
    expect(() => decodeServerMessage(frame)).toThrow("Expected 1 to 262144 bytes");
  });
});
