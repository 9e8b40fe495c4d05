import type { HttpAnswer } from "./HttpAnswer.js";

/** True when an answer is a page for people, such as a sign-in of a hotel's network, in place of a file that is none. */
export function isPage({ headers, url }: HttpAnswer): boolean {
  return /^text\/html\b/i.test(headers["content-type"] ?? "") && !/\.x?html?$/i.test(new URL(url).pathname);
}
