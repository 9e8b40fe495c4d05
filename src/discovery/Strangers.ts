import { parseMirror } from "../protocol/parseMirror.js";
import type { FileRequest } from "./FileRequest.js";
import type { NamedAddress } from "./Finding.js";

/** The peers that nobody named but somebody out in the public network: they may not lead elsewhere. A user's word for the same peer goes before theirs. */
export class Strangers {
  readonly #given: ReadonlySet<string>;
  readonly #named: Set<string>;

  constructor({ places, mirrors, publicOnly = [] }: Pick<FileRequest, "places" | "mirrors" | "publicOnly">) {
    this.#named = new Set(publicOnly.map(idOf));
    this.#given = new Set([...places, ...mirrors].filter((address) => !publicOnly.includes(address)).map(idOf));
  }

  add(named: readonly NamedAddress[]): void {
    for (const { url, publicOnly } of named) if (publicOnly) this.#named.add(idOf(url));
  }

  /** True when a peer of this name is one. */
  has(id: string): boolean {
    return this.#named.has(id) && !this.#given.has(id);
  }
}

const idOf = (address: string): string => (/^https?:/i.test(address) ? parseMirror(address).id : address);
