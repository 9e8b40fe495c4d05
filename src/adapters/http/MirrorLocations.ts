import type { ByteSamples } from "./ByteSamples.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import {
  areOtherDates,
  areOtherTags,
  entityTag,
  knownFacts,
  type MirrorFacts,
  sameDate,
  sameOpaqueTag,
  strongETag,
} from "../../protocol/MirrorFacts.js";

interface Validators extends Pick<MirrorFacts, "etag" | "lastModified"> {
  /** The ETag is one of several, of servers that answer in turn. */
  readonly isOfServer?: boolean;
}

/**
 * Where one mirror has its file. Behind an address may stand several servers, to which it redirects in turn, each with validators of its own: they
 * are kept by place. The place that a redirect led to is asked directly, until it fails; then the address that was given is asked again, since
 * addresses of the moment expire.
 */
export class MirrorLocations {
  readonly #given: URL;
  #found: URL | undefined;
  #size: number | undefined;
  readonly #validators = new Map<string, Validators>();

  constructor(given: URL) {
    this.#given = given;
  }

  /** Where the next request goes. */
  get next(): URL {
    return this.#found ?? this.#given;
  }

  /** True when the address is the one that was given. */
  isGiven(address: URL): boolean {
    return address === this.#given;
  }

  /** Redirects led there. */
  found(url: URL): void {
    this.#found = url.href === this.#given.href ? undefined : url;
  }

  /** Gives up a place that failed: unless another was found since, the given address is asked next. */
  forget(failed = this.#found): void {
    if (failed === this.#found) this.#found = undefined;
  }

  /** The name of an address's place: origin and path, without a query that is made up anew each time; the given address in full. */
  nameOf(address: string): string {
    const { href, origin, pathname } = new URL(address);
    return href === this.#given.href ? href : origin + pathname;
  }

  /** The facts that an answer from an address has to agree with. */
  known(address: string): MirrorFacts {
    const size = this.#size === undefined ? {} : { size: this.#size };
    return { ...size, ...this.#validators.get(this.nameOf(address)) };
  }

  /** See `HttpPeer.expect`. */
  expect({ place = this.nameOf(this.next.href), ...facts }: MirrorFacts & { readonly place?: string }): void {
    const { size = this.#size, ...validators } = knownFacts(facts);
    this.#size = size;
    if (Object.keys(validators).length > 0) {
      this.#validators.set(place, { ...this.#validators.get(place), ...validators });
    }
  }

  /** True when an answer has another strong ETag than its place had before. */
  hasOtherTag({ status, headers, url }: HttpAnswer): boolean {
    if (status !== 200 && status !== 206) return false;
    return areOtherTags(entityTag(headers["etag"]), this.#validators.get(this.nameOf(url))?.etag);
  }

  /** The ETags of a place turned out to be those of its servers rather than of the file: what is known is a weak one, and a date that differs says nothing. */
  weaken({ headers, url }: HttpAnswer): void {
    const { etag, lastModified } = this.#validators.get(this.nameOf(url)) ?? {};
    const isSame = !areOtherDates(headers["last-modified"], lastModified);
    this.#validators.set(this.nameOf(url), {
      isOfServer: true,
      ...(etag === undefined ? {} : { etag: `W/${etag.replace(/^W\//, "")}` }),
      ...(lastModified === undefined || !isSame ? {} : { lastModified }),
    });
  }

  /** True when the ETags of an answer's place are those of its servers. */
  hasTagsOfServers({ url }: HttpAnswer): boolean {
    return this.#validators.get(this.nameOf(url))?.isOfServer === true;
  }

  /** True when an answer has the very ETag that its place had before. */
  hasKnownTag({ headers, url }: HttpAnswer): boolean {
    const known = this.#validators.get(this.nameOf(url))?.etag;
    const tag = entityTag(headers["etag"]);
    return known !== undefined && tag !== undefined && sameOpaqueTag(tag, known);
  }

  /**
   * True when the bytes have to tell if an answer is of the same file: it is from another place with other validators, or from the same with another
   * weak ETag or date, which say nothing while there is nothing to compare it with.
   */
  doubts({ status, headers, url }: HttpAnswer, samples: ByteSamples): boolean {
    if ((status !== 200 && status !== 206) || this.#validators.size === 0) return false;
    const etag = entityTag(headers["etag"]);
    const lastModified = headers["last-modified"];
    const known = this.#validators.get(this.nameOf(url));
    if (known !== undefined) {
      if ((samples.isEmpty && known.isOfServer !== true) || areOtherTags(etag, known.etag)) return false;
      return !sameOpaqueTag(etag, known.etag) || areOtherDates(lastModified, known.lastModified);
    }
    const isTheSame = (other: Validators): boolean =>
      (other.etag !== undefined && strongETag(etag) === other.etag) ||
      (other.lastModified !== undefined && sameDate(lastModified, other.lastModified));
    return ![...this.#validators.values()].some(isTheSame);
  }

  /** The bytes told that this answer is of the same file. A weak ETag or a date that changes without them says nothing from now on. */
  vouch({ headers, url }: HttpAnswer): void {
    const place = this.nameOf(url);
    const known = this.#validators.get(place);
    const tag = entityTag(headers["etag"]);
    const lastModified = headers["last-modified"];
    const same = sameOpaqueTag(tag, known?.etag) ? known?.etag : undefined;
    const etag = known === undefined ? strongETag(tag) : same;
    const sameOrNone = areOtherDates(lastModified, known?.lastModified) ? undefined : known?.lastModified;
    const date = known === undefined ? lastModified : sameOrNone;
    this.#validators.set(place, {
      ...(known?.isOfServer === true ? { isOfServer: true } : {}),
      ...(etag === undefined ? {} : { etag }),
      ...(date === undefined ? {} : { lastModified: date }),
    });
  }
}
