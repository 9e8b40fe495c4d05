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

export interface ParseManifestConfig {
  readonly root: string;
  /** Name of the place that the value is from. */
  readonly name: string;
  readonly sha256: Sha256;
}

/**
 * The manifest of this root in a parsed JSON value, or why it is none; `undefined` where it is that of another file. It is believed no more than one from a
 * stranger: its digests have to lead to the root.
 *
 * @param json the `SyntaxError` where a text was none
 */
export function parseManifest(json: unknown, config: ParseManifestConfig): Manifest | Damage | undefined {
  const { root, name: place, sha256 } = config;
  const damaged = (why: string): Damage => ({ damage: `${place}: ${why}` });
  if (json instanceof SyntaxError) return damaged(json.message);
  const parsed = v.safeParse(manifestSchema, json);
  if (!parsed.success) return damaged(describeIssue(parsed.issues[0]));
  const { version: _, digests, ...card } = parsed.output;
  if (card.root !== root) return undefined;
  try {
    return checkManifest({ ...card, digests: fromBase64(digests) }, sha256);
  } catch (error) {
    return damaged((error as Error).message);
  }
}
