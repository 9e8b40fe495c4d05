/** Events of a seeder. Plain data; `peer` is the client's address. */
export type SeederEvent =
  | { readonly type: "connection-opened"; readonly peer: string }
  /** `reason` is there when the seeder closed it. */
  | { readonly type: "connection-closed"; readonly peer: string; readonly reason?: string }
  | {
      readonly type: "chunk-served";
      readonly peer: string;
      readonly root: string;
      /** 0-based chunk. */
      readonly index: number;
      /** Payload bytes that were handed to the transport, also when the request was cancelled half way. */
      readonly bytes: number;
      /** True when that is all that was asked for. */
      readonly whole: boolean;
    }
  | { readonly type: "request-refused"; readonly peer: string; readonly code: string; readonly message: string };
