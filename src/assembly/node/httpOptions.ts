import { connectNode } from "../../adapters/http/connectNode.js";
import type { HttpPeerOptions } from "../../adapters/http/HttpPeerOptions.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";

/** What the user allows mirrors, as they take it. */
export type Access = Pick<DownloadFileOptions, "tokens" | "headers" | "ca">;

export function httpOptions({ tokens = {}, headers = {}, ca }: Access): HttpPeerOptions {
  return { connect: connectNode(ca === undefined ? {} : { ca }), tokens, headers };
}
