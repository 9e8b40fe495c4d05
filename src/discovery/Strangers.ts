import { parseMirror } from "../protocol/parseMirror.js";
import type { NamedAddress, PeerOrigin } from "../peers/NamedAddress.js";
import type { FileRequest } from "./FileRequest.js";

/**
 * The peers that the user did not name: how they came to be known, and whether they may lead elsewhere. A user's word for the same peer goes before anybody's.
 */
export class Strangers {
  readonly #given: ReadonlySet<string>;
  readonly #sources = new Map<string, PeerOrigin>();
  readonly #publicOnly = new Set<string>();

  constructor({ places, mirrors, named = [] }: Pick<FileRequest, "places" | "mirrors" | "named">) {
    const urls = new Set(named.map(({ url }) => url));
    this.#given = new Set([...places, ...mirrors].filter((address) => !urls.has(address)).map(idOf));
    this.add(named);
  }

  /** Notes addresses as somebody named them; the first one to name an address is its source. */
  add(named: readonly NamedAddress[]): void {
    for (const { url, publicOnly, source } of named) {
      const id = idOf(url);
      if (!this.#sources.has(id)) this.#sources.set(id, source);
      if (publicOnly) this.#publicOnly.add(id);
    }
  }

  /** True when a peer of this name was named out in the public network: it may not lead elsewhere. */
  has(id: string): boolean {
    return this.#publicOnly.has(id) && !this.#given.has(id);
  }

  sourceOf(id: string): PeerOrigin {
    return (this.#given.has(id) ? undefined : this.#sources.get(id)) ?? "link";
  }
}

const idOf = (address: string): string => (/^https?:/i.test(address) ? parseMirror(address).id : address);
