import type { Receiver } from "../../peers/Peer.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";

/** The head of an answer. */
export type AnswerHead = Omit<HttpAnswer, "body">;

/** A request whose body goes straight into the memory of whoever wants it. */
export interface DirectRequest extends HttpRequest {
  /** Called once, with the answer's head; returns how many bytes of body to read. An error thrown goes to `receiver.fail`, and the connection is dropped. */
  readonly accept: (head: AnswerHead) => number;
}

/**
 * A second way for requests to an address that has shown itself to be ordinary: HTTP/1.1, bodies of a told length, connections that stay, nobody between.
 * Nothing is done with a byte on this way but to read it from the socket into its place.
 */
export interface DirectLane {
  /**
   * Sends one GET. The result gives it up, which drops its connection unless the last byte is here; the receiver hears nothing more then. While `paused`
   * last said `true` nothing of the answer is read, its head included. Errors are those of `SendHttp`, and `UnusualAnswer` for one that is not for this lane.
   */
  read(request: DirectRequest, receiver: Receiver): () => void;
}

/** An answer that has to be read by somebody who knows more of HTTP. */
export class UnusualAnswer extends Error {
  override readonly name = "UnusualAnswer";
  /** True when the server speaks so in general, and others of its answers will be like this one. */
  readonly isLasting: boolean;

  constructor(message: string, isLasting: boolean, options?: ErrorOptions) {
    super(message, options);
    this.isLasting = isLasting;
  }
}
