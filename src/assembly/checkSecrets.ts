import { Credentials, type HostHeaders } from "../adapters/http/Credentials.js";
import type { Sources } from "../discovery/parseSources.js";
import { findToken, type Tokens } from "../protocol/findToken.js";
import { parseMirror } from "../protocol/parseMirror.js";
import { parsePeerLink } from "../protocol/PeerLink.js";

/** @throws TypeError or RangeError for secrets that cannot be sent to one of the sources; no message shows one. */
export function checkSecrets(
  { metalink, places, mirrors }: Sources,
  { tokens = {}, headers = {} }: { readonly tokens?: Tokens | undefined; readonly headers?: HostHeaders | undefined },
): void {
  for (const mirror of mirrors) new Credentials(parseMirror(mirror).url, tokens, headers);
  for (const place of places) findToken(tokens, parsePeerLink(`${place}/${"0".repeat(64)}`));
  if (typeof metalink === "string" && /^https?:/i.test(metalink)) new Credentials(new URL(metalink), tokens, {});
}
