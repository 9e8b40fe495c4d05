import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  finalize,
  forkJoin,
  map,
  type Observable,
  of,
  race,
  type SchedulerLike,
  share,
  takeWhile,
  throwError,
  timer,
} from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { strongETag } from "../../protocol/MirrorFacts.js";
import type { ByteSamples } from "./ByteSamples.js";
import { type AskedRange, checkPart } from "./checkPart.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { MirrorLocations } from "./MirrorLocations.js";

/** How many more answers show whether an ETag is that of a version or of a server. */
const moreAnswers = 4;
/** How often bytes are asked for, at most, until they come from the server that is meant. */
const mostTurns = 10;
/** How long a comparison waits for bytes that are on their way, ms. */
const bytesMs = 1000;
/** Not the first byte alone, which some servers take for all. */
const asFew: AskedRange = { first: 0, last: 1 };

export interface MirrorVersionsParts {
  readonly peer: string;
  readonly locations: MirrorLocations;
  /** Bytes that came so far. */
  readonly samples: ByteSamples;
  /** An answer from an address, or from where that redirects to. */
  readonly ask: (url: URL, range: AskedRange) => Observable<HttpAnswer>;
  /** The body of an answer, held to its length. */
  readonly body: (answer: HttpAnswer, length: number) => Observable<Uint8Array>;
  /** Later requests are made over new connections. */
  readonly renew: () => void;
  readonly scheduler: SchedulerLike;
}

/** Looks at what a mirror has when an answer says that this may be another version of the file. */
export class MirrorVersions {
  readonly #parts: MirrorVersionsParts;
  #look: Observable<boolean> | undefined;
  readonly #comparisons = new Map<string, Observable<never>>();

  constructor(parts: MirrorVersionsParts) {
    this.#parts = parts;
  }

  /**
   * Finds out about a strong ETag that is not the known one: behind one address may be several servers, with ETags of their own for equal bytes (of lighttpd
   * they have the inode in them, of nginx the date). A few more answers are asked for at once, over other connections: where they do not all have the new one,
   * ETags are known as weak ones from now on, which the bytes may overrule. Completes; never errors.
   */
  lookedAt(answer: HttpAnswer): Observable<never> {
    const { locations } = this.#parts;
    const looked = (this.#look ??= this.#stays(answer).pipe(
      finalize(() => (this.#look = undefined)),
      share(),
    ));
    return looked.pipe(
      concatMap((stays) => {
        if (!stays) locations.weaken(answer);
        return EMPTY;
      }),
    );
  }

  /**
   * Completes when the place has what came before; errors with `RESOURCE_CHANGED` when it has not, or nobody can tell. Answers that say the same are compared
   * together. Of several servers behind one address, to the first of which others answer beside it, the first bytes are waited for; while nothing
   * came at all, nothing can be mixed.
   */
  compared(answer: HttpAnswer): Observable<never> {
    const { url, headers } = answer;
    const what = JSON.stringify([url, headers["etag"], headers["last-modified"]]);
    const compared =
      this.#comparisons.get(what) ??
      this.#compared(answer).pipe(
        finalize(() => this.#comparisons.delete(what)),
        share(),
      );
    this.#comparisons.set(what, compared);
    return compared;
  }

  #compared(answer: HttpAnswer): Observable<never> {
    const { locations, samples, scheduler } = this.#parts;
    const other = this.other(answer);
    const isOfServers = locations.hasTagsOfServers(answer);
    if (samples.isEmpty && !isOfServers) return throwError(() => other);
    const agrees = defer(() =>
      samples.agrees((position, length) => this.#bytes(answer, { first: position, last: position + length - 1 })),
    );
    return race(samples.some, timer(bytesMs, scheduler)).pipe(
      concatMap(() => (samples.isEmpty ? of(true) : agrees)),
      concatMap((same) => {
        if (!same) throw other;
        locations.vouch(answer);
        return EMPTY;
      }),
    );
  }

  other({ url }: HttpAnswer): DownloadError {
    const { peer, locations } = this.#parts;
    const text = `${peer} has another file now, at ${locations.nameOf(url)}`;
    return new DownloadError("RESOURCE_CHANGED", text, { peer });
  }

  /** True when all who answer at the address have the ETag of this answer, too. Emits once. */
  #stays({ url, headers }: HttpAnswer): Observable<boolean> {
    const { ask, renew } = this.#parts;
    const tag = strongETag(headers["etag"]);
    return defer(() => {
      renew();
      const answers = Array.from({ length: moreAnswers }, () =>
        ask(new URL(url), asFew).pipe(
          map((answer) => (hasFile(answer) ? strongETag(answer.headers["etag"]) === tag : true)),
          catchError(() => of(true)),
        ),
      );
      return forkJoin(answers).pipe(map((same) => same.every(Boolean)));
    });
  }

  /** Bytes of the version that an answer is of: a part with the known ETag, from another server, is asked for again. */
  #bytes(answer: HttpAnswer, range: AskedRange, left = mostTurns): Observable<Uint8Array> {
    const { peer, locations, ask, body } = this.#parts;
    const length = range.last - range.first + 1;
    return ask(new URL(answer.url), range).pipe(
      concatMap((part) => {
        if (hasFile(part) && locations.hasKnownTag(part) && !locations.hasKnownTag(answer)) {
          if (left > 1) return this.#bytes(answer, range, left - 1);
          throw new DownloadError("PEER_UNAVAILABLE", `${peer} cannot be compared now: another server answers`, {
            peer,
          });
        }
        // The beginning of a whole is as good as a part that begins there.
        if (part.status === 200 && range.first === 0) return beginning(part, length);
        if (part.status !== 206) throw this.other(answer);
        checkPart(peer, part, range, {});
        return body(part, length);
      }),
    );
  }
}

function hasFile({ status }: HttpAnswer): boolean {
  return status === 200 || status === 206;
}

/** At least `length` bytes of a body, unless it has fewer; then it is dropped. */
function beginning({ body }: HttpAnswer, length: number): Observable<Uint8Array> {
  return defer(() => {
    let left = length;
    return body.pipe(takeWhile((bytes) => (left -= bytes.length) > 0, true));
  });
}
