import { connectBrowser } from "../../adapters/http/connectBrowser.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import type { PageDownloadOptions } from "./PageDownloadOptions.js";

/** The ways of a page to peers and mirrors, and the secrets for them. */
export type PageAccess = Pick<PageDownloadOptions, "tokens" | "headers" | "credentials" | "webSocket">;

/** The way of a page's requests to mirrors. */
export function pageHttp({ credentials = {}, tokens = {}, headers = {} }: PageAccess): HttpPeerOptions {
  return { connect: connectBrowser({ credentials }), tokens, headers };
}
