import { checkHeaders } from "../../command.js";
import { UsageError } from "../UsageError.js";

/** A header for the mirrors on one host. */
export interface TypedHeader {
  /** `host` or `host:port`. */
  readonly host: string;
  readonly name: string;
  readonly value: string;
}

/** Reads a text like `host=Name: value`. No message repeats a value. */
export function aHeader(text: string, called: string): TypedHeader {
  const [, host, name, value] = /^([^=\s]+)=([^:\s]+):\s*(\S.*)$/.exec(text) ?? [];
  if (host === undefined || name === undefined || value === undefined) {
    throw new UsageError(`${called} must be HOST=NAME: VALUE or HOST:PORT=NAME: VALUE`);
  }
  try {
    checkHeaders(host, { [name]: value });
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(`${called} cannot be: ${error.message}`) : error;
  }
  return { host: host.toLowerCase(), name, value };
}

/** Headers by `host` or `host:port`. */
export function readHeaders(given: readonly TypedHeader[] = []): Record<string, Record<string, string>> {
  const headers: Record<string, Record<string, string>> = {};
  for (const { host, name, value } of given) headers[host] = { ...headers[host], [name]: value };
  return headers;
}
