import * as v from "valibot";
import { checkManifest } from "../manifest/checkManifest.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Manifest } from "../manifest/Manifest.js";
import { count } from "./amounts.js";
import { fromBase64 } from "./base64.js";
import { describeIssue } from "./describeIssue.js";
import { manifestVersion } from "./encodeManifest.js";
import type { Damage } from "./parseCheckpoint.js";

const manifestSchema = v.object({
  version: v.literal(manifestVersion),
  root: v.string(),
  name: v.string(),
  size: count,
  chunkSize: count,
  digests: v.string(),
});

/** The manifest of this root in a parsed JSON value, or why it is none. It is believed no more than one from a stranger: its digests have to lead to the root. */
export function parseManifest(json: unknown, root: string, sha256: Sha256): Manifest | Damage {
  const parsed = v.safeParse(manifestSchema, json);
  if (!parsed.success) return { damage: describeIssue(parsed.issues[0]) };
  const { version: _, digests, ...card } = parsed.output;
  if (card.root !== root) return { damage: `its root is ${JSON.stringify(card.root.slice(0, 64))}, expected ${root}` };
  try {
    return checkManifest({ ...card, digests: fromBase64(digests) }, sha256);
  } catch (error) {
    return { damage: (error as Error).message };
  }
}
