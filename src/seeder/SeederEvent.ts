/** Events of a seeder. Plain data; `peer` is the client's address. */
export type SeederEvent =
  /** A client was let in. */
  | {
      readonly type: "connection-opened";
      /** Address of the client. */
      readonly peer: string;
    }
  /** A client is gone. */
  | {
      readonly type: "connection-closed";
      readonly peer: string;
      /** Cause, when the seeder closed the connection. */
      readonly reason?: string;
    }
  /** A request for bytes was answered. */
  | {
      readonly type: "chunk-served";
      readonly peer: string;
      /** Root of the file. */
      readonly root: string;
      /** Place of the chunk in the file, from 0. */
      readonly index: number;
      /** Payload bytes that were handed to the transport, also when the request was cancelled half way. */
      readonly bytes: number;
      /** True when that is all that was asked for. */
      readonly whole: boolean;
    }
  /** A request was not answered. */
  | {
      readonly type: "request-refused";
      readonly peer: string;
      /** Kind of the refusal, as the protocol names it. */
      readonly code: string;
      /** Words for people. */
      readonly message: string;
    };
