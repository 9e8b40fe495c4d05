import type { Observable } from "rxjs";
import type { HashType } from "../manifest/HashType.js";
import type { MetalinkFile } from "../manifest/MetalinkFile.js";
import type { NamedAddress } from "../peers/NamedAddress.js";

/** The means by which sources are used that answers tell of. */
export interface Finding {
  /** True when an address leads to this machine or to a private network, as far as its words tell. */
  readonly isPrivate: (url: string) => boolean;
  /** True when digests of a function can be compared. */
  readonly hashes: (type: HashType) => boolean;
  /** The files that a Metalink at an address names. */
  readonly read: (metalink: NamedAddress) => Observable<readonly MetalinkFile[]>;
  /** Takes other mirrors of the file, to be compared like any. */
  readonly found: (mirrors: readonly NamedAddress[]) => void;
}

/** The one that names others. */
export interface Namer {
  readonly url: string;
  /** True when it is of this machine or a private network. */
  readonly isPrivate: boolean;
}

/**
 * True when an address that another one named may be asked: it is one of HTTP, it does not leave `https:` for `http:`, and it is not of this machine or a
 * private network, unless the one that named it is, too. So no server makes us ask what it could not ask itself. Words are all that is judged here: where a
 * name leads is seen when it is dialled, which `publicOnly` is for.
 */
export function mayAsk(named: string, by: Namer, isPrivate: Finding["isPrivate"]): boolean {
  if (!/^https?:/i.test(named) || !URL.canParse(named)) return false;
  if (/^https:/i.test(by.url) && !/^https:/i.test(named)) return false;
  return by.isPrivate || !isPrivate(named);
}
