import type { DownloadError } from "../errors/DownloadError.js";
import { pack, readMessage } from "../protocol/messagePack.js";
import {
  answerSchemas,
  type ControlAnswer,
  type ControlRequest,
  type GivenRequest,
  requestSchemas,
} from "./messages.js";

/** A message as the bytes of one WebSocket message. Members that are `undefined` are left out: MessagePack has no such value. */
export function encodeControl(message: GivenRequest | ControlAnswer): Uint8Array {
  return pack(given(message));
}

/**
 * Message of a client. Keys that are not known are left out.
 *
 * @throws DownloadError `PROTOCOL_ERROR`, which says what is wrong with it.
 */
export function decodeRequest(frame: Uint8Array): ControlRequest {
  return readMessage(frame, requestSchemas);
}

/**
 * Message of the daemon. Keys that are not known are left out.
 *
 * @throws DownloadError `PROTOCOL_ERROR`, which says what is wrong with it.
 */
export function decodeAnswer(frame: Uint8Array): ControlAnswer {
  return readMessage(frame, answerSchemas);
}

/** The failure of a request, as its answer. */
export function errorAnswer(
  { code, message }: Pick<DownloadError, "message"> & { readonly code: string },
  id?: number,
): ControlAnswer {
  return { type: "error", code, message, ...(id !== undefined && { id }) };
}

function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, given(member)]));
}
