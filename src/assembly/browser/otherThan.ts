import { compareVersions, type OtherVersion } from "../../discovery/compareVersions.js";
import type { FileFacts } from "../../manifest/Manifest.js";

/** Version of a file, as its facts or a record of it tell. */
export type KnownVersion = Pick<FileFacts, "root" | "size" | "mirrors">;

/** Reason, of a file without digests, why its mirrors do not say the same any more; nothing when one of them does. */
export function otherThan(before: KnownVersion, now: KnownVersion): OtherVersion | undefined {
  if (before.root === now.root && now.mirrors === undefined) return undefined;
  const verdict = compareVersions(before, now);
  if (verdict === "same") return undefined;
  if ("why" in verdict) return verdict;
  const isKnown = Object.entries(now.mirrors ?? {}).some(
    ([mirror, said]) => JSON.stringify(said) === JSON.stringify(before.mirrors?.[mirror]),
  );
  const unknown = { why: "its mirrors are not those of before", isWeak: false };
  return verdict.byDate === undefined || verdict.byDate === "same" ? (isKnown ? undefined : unknown) : verdict.byDate;
}
