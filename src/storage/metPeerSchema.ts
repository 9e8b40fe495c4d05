import * as v from "valibot";
import { amount } from "./amounts.js";
import { metBy } from "./MetPeer.js";

// Apart from the words themselves, which every download in a page loads: the schema is loaded when there is a record to check.
export const metPeerSchema = v.object({
  url: v.string(),
  // A newer program may know other ways; the peer of one is a stranger all the same.
  source: v.fallback(v.picklist(metBy), "exchange"),
  bytes: amount,
});
