import type { Receiver } from "./Peer.js";

/** Listener to a request on the way to its receiver. */
export interface RequestWatch {
  /** Called when so many bytes have been passed on. */
  readonly came?: (bytes: number) => void;
  /** Called once, before the receiver hears of it: the request is complete, was given up, or failed where nothing is told of that. */
  readonly ended?: () => void;
  /** Called in place of `ended` when the request fails. @default ended */
  readonly failed?: () => void;
}

/** A receiver that passes everything on and has it watched. */
export interface WatchedReceiver {
  readonly receiver: Receiver;
  /** Notes that the request was given up. Without effect after its end. */
  readonly end: () => void;
}

/** Has a request watched on the way to its receiver. */
export function watchReceiver(
  receiver: Receiver,
  { came = () => undefined, ended = () => undefined, failed = ended }: RequestWatch,
): WatchedReceiver {
  let isOver = false;
  const once = (tell: () => void) => (): void => {
    if (isOver) return;
    isOver = true;
    tell();
  };
  const [end, fail] = [once(ended), once(failed)];
  const watched: Receiver = {
    room: () => receiver.room(),
    ...(receiver.following && { following: () => receiver.following?.() ?? 0 }),
    filled: (bytes) => {
      receiver.filled(bytes);
      came(bytes);
    },
    take: (bytes) => {
      receiver.take(bytes);
      came(bytes.length);
    },
    complete: () => {
      end();
      receiver.complete();
    },
    fail: (error) => {
      fail();
      receiver.fail(error);
    },
  };
  return { receiver: watched, end };
}
