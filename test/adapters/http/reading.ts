import type { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import type { DownloadError } from "../../../src/errors/DownloadError.js";
import type { Receiver } from "../../../src/peers/Peer.js";
import { rangeOf } from "./harness.js";

/** A part that is read into memory, as far as it is here. */
export interface Reading {
  readonly bytes: Buffer;
  /** Bytes that came. */
  readonly came: () => number;
  /** Nothing where it came whole. */
  readonly ended: Promise<DownloadError | undefined>;
  readonly giveUp: () => void;
  /** What else the receiver heard behind the end or after it was given up. */
  readonly late: () => number;
}

/** Reads a part by `HttpPeer.read`; `onCame` is told of all that came so far, within the call that brings it. */
export function reading(
  peer: HttpPeer,
  position: number,
  length: number,
  onCame: (came: number, giveUp: () => void) => void = () => undefined,
): Reading {
  const bytes = Buffer.alloc(length);
  const calls: { giveUp?: () => void; isGivenUp?: true } = {};
  let came = 0;
  let late = 0;
  let isOver = false;
  let end: (error: DownloadError | undefined) => void;
  const ended = new Promise<DownloadError | undefined>((resolve) => (end = resolve));
  const giveUp = (): void => {
    isOver = true;
    calls.isGivenUp = true;
    calls.giveUp?.();
  };
  const count = (more: number): void => {
    if (isOver) late += 1;
    came += more;
    onCame(came, giveUp);
  };
  const over = (error?: unknown): void => {
    if (isOver) late += 1;
    isOver = true;
    end(error as DownloadError | undefined);
  };
  const receiver: Receiver = {
    room: () => (came < length ? bytes.subarray(came) : Buffer.alloc(1)),
    filled: count,
    take: (piece) => {
      bytes.set(piece, came);
      count(piece.length);
    },
    complete: () => over(),
    fail: over,
  };
  calls.giveUp = peer.read(rangeOf(position, length), receiver);
  if (calls.isGivenUp === true) calls.giveUp();
  return { bytes, came: () => came, ended, giveUp, late: () => late };
}

/** The bytes of a part that is read; rejects with the error that it ends with. */
export async function partOf(peer: HttpPeer, position: number, length: number): Promise<Buffer> {
  const { bytes, came, ended } = reading(peer, position, length);
  const error = await ended;
  if (error !== undefined) throw error;
  if (came() !== length) throw new Error(`it completed with ${came()} bytes, expected ${length}`);
  return bytes;
}
