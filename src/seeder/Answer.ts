/** A message that is ready to go. */
export interface OutgoingFrame {
  readonly frame: Uint8Array;
  /** File bytes that end the message; they hold room of the read-ahead until the transport took them. */
  readonly payload?: Uint8Array;
  /** Called when the transport gets it; a frame that waits for its turn to be sent may be dropped instead. */
  readonly onSent?: () => void;
  /** Called when the transport has written the payload and needs it no more; never, where it did not. */
  readonly onWritten?: () => void;
}

/** The answer to one request, frame by frame. */
export interface Answer {
  readonly id: number;
  /** Reads ahead, as far as there is room. */
  fill(): void;
  /** The next frame, or `undefined` while it is being read. */
  next(): OutgoingFrame | undefined;
  /** True when the last frame was taken. */
  readonly finished: boolean;
  /** Begins no more reads and forgets what was read. Called once, whether finished or not. */
  dispose(): void;
}
