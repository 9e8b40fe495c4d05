/** A hash function, by its name in the IANA registry of hash function textual names. */
export type HashType = "sha-256" | "sha-512" | "sha-384" | "sha-224" | "sha-1" | "md5";

/**
 * The hash functions that are known, by their names in the IANA registry of hash function textual names: the bytes of a digest, and whether one proves
 * what a file is. Of the others it is known, or to be feared, that two files can be made that share a digest: those find bytes that are
 * wrong by accident. The one that is checked where there are several stands first.
 */
export const hashTypes = {
  "sha-256": { bytes: 32, proves: true },
  "sha-512": { bytes: 64, proves: true },
  "sha-384": { bytes: 48, proves: true },
  "sha-224": { bytes: 28, proves: false },
  "sha-1": { bytes: 20, proves: false },
  md5: { bytes: 16, proves: false },
} as const satisfies Readonly<Record<HashType, { readonly bytes: number; readonly proves: boolean }>>;

const names = Object.keys(hashTypes) as readonly HashType[];

/** The function of a name as it is found in the wild: in any case, with or without its dash (`SHA256`, `sha1`; `SHA` is SHA-1). Nothing for others. */
export function hashTypeOf(name: string): HashType | undefined {
  const plain = name.trim().toLowerCase().replace("-", "");
  return names.find((type) => type.replace("-", "") === plain) ?? (plain === "sha" ? "sha-1" : undefined);
}

/** A function's name in a sentence: SHA-256. */
export function hashName(type: HashType): string {
  return type.toUpperCase();
}

/** Whichever comes first in `hashTypes`; nothing of nothing. */
export function bestOf<T extends { readonly type: HashType }>(candidates: readonly T[]): T | undefined {
  return names.flatMap((type) => candidates.find((each) => each.type === type) ?? []).at(0);
}
