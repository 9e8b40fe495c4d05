import type { HttpAnswer } from "./HttpAnswer.js";

/** The bytes that an answer promises; nothing when it does not say, or not always the same. */
export function contentLength(headers: HttpAnswer["headers"]): number | undefined {
  const [length = "", ...others] = (headers["content-length"] ?? "").split(",").map((said) => said.trim());
  return /^\d{1,15}$/.test(length) && others.every((other) => other === length) ? Number(length) : undefined;
}
