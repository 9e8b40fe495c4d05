import type { HttpAnswer } from "./HttpAnswer.js";

/** The bytes that an answer promises; nothing when it does not say. */
export function contentLength(headers: HttpAnswer["headers"]): number | undefined {
  const text = headers["content-length"];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
