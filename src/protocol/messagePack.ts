// Not from "msgpackr" itself, which has strings of strangers read by native code where that is installed.
import { Packr } from "msgpackr/pack";
import { Unpackr } from "msgpackr/unpack";
import * as v from "valibot";
import { DownloadError } from "../errors/DownloadError.js";
import { refuseExtensions } from "./refuseExtensions.js";

// Records would need `new Function`, which a strict content security policy forbids, and other languages do not know them.
const packr = new Packr({ useRecords: false, variableMapSize: true });
// A number of any width is read as a number; the schemas refuse the unsafe ones.
const unpackr = new Unpackr({ useRecords: false, int64AsType: "number" });

/** Schemas of messages, by their `type`. */
type Schemas = Readonly<Record<string, v.GenericSchema>>;

/** A value as MessagePack. */
export function pack(value: unknown): Uint8Array {
  return packr.pack(value);
}

/**
 * Reads one message. Binary members are views of the frame.
 *
 * @throws DownloadError `PROTOCOL_ERROR` when it is not MessagePack or none of these messages.
 */
export function readMessage<S extends Schemas>(frame: Uint8Array, schemas: S): v.InferOutput<S[keyof S]> {
  refuseExtensions(frame);
  const value = unpack(frame);
  const type = typeof value === "object" && value !== null && "type" in value ? value.type : undefined;
  // The schema is looked up by `type` instead of tried one by one: this runs thousands of times a second.
  const schema = typeof type === "string" && Object.hasOwn(schemas, type) ? schemas[type] : undefined;
  if (schema === undefined) {
    throw malformed(`its type is ${quote(type)}, expected one of ${Object.keys(schemas).join(", ")}`);
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw malformed(`"${String(type)}" has a wrong ${v.getDotPath(issue) ?? "shape"}: ${issue.message.slice(0, 200)}`);
}

function unpack(frame: Uint8Array): unknown {
  try {
    return unpackr.unpack(frame);
  } catch (cause) {
    throw malformed(`its ${frame.length} bytes are not MessagePack`, cause);
  }
}

function quote(type: unknown): string {
  return typeof type === "string" ? JSON.stringify(type.slice(0, 64)) : typeof type;
}

function malformed(reason: string, cause?: unknown): DownloadError {
  return new DownloadError("PROTOCOL_ERROR", `not a message: ${reason}`, { cause });
}
