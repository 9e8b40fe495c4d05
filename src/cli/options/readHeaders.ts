import { UsageError } from "../UsageError.js";

/** Headers by `host` or `host:port`, out of texts like `host=Name: value`. No message repeats a value. */
export function readHeaders(given: readonly string[] = []): Record<string, Record<string, string>> {
  const headers: Record<string, Record<string, string>> = {};
  for (const text of given) {
    const [, host, name, value] = /^([^=\s]+)=([^:\s]+):\s*(\S.*)$/.exec(text) ?? [];
    if (host === undefined || name === undefined || value === undefined) {
      throw new UsageError("--header must be HOST=NAME: VALUE or HOST:PORT=NAME: VALUE");
    }
    const key = host.toLowerCase();
    headers[key] = { ...headers[key], [name]: value };
  }
  return headers;
}
