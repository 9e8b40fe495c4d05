import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";

/** Codes of connections that broke before an answer came. */
const broken: ReadonlySet<DownloadErrorCode> = new Set(["CONNECTION_REFUSED", "CONNECTION_RESET", "CONNECTION_LOST"]);

/** Codes of answers by which a mirror refuses what it would give to one that asks alone. */
const refusing: ReadonlySet<DownloadErrorCode> = new Set(["AUTH_FAILED", "FILE_NOT_FOUND", "PEER_REJECTED"]);

/** One question among those to its mirror, from its asking to its end. */
export interface StandingQuestion {
  /** Notes that bytes of the file came. */
  readonly served: () => void;
  /** The error that the question failed with; or that of a mirror which lets no more in, where the question failed for no other reason than its company. */
  readonly crowded: (error: DownloadError, hasAnswer: boolean) => DownloadError;
  readonly left: () => void;
}

interface Place {
  isServed: boolean;
  /** True when another question was served while this one was under way. */
  isBeside: boolean;
}

/** The questions of one mirror that are under way, all with the same credentials. */
export class Standing {
  readonly #id: string;
  readonly #all = new Set<Place>();
  #read = 0;

  constructor(id: string) {
    this.#id = id;
  }

  /** Count of the answers from which bytes were read. */
  get read(): number {
    return this.#read;
  }

  /** Counts one more answer that is read. */
  begin(): void {
    this.#read += 1;
  }

  /**
   * Enters a question that is under way. A mirror that serves some and refuses more (by 403, 401, 404, 400 or another status, or without an answer)
   * is busy: a refusal counts as such when it comes to a question alone. Answers come in any order, so that one which is still to come may be that of
   * a question that is served.
   */
  ask(): StandingQuestion {
    const place: Place = { isServed: false, isBeside: [...this.#all].some(({ isServed }) => isServed) };
    const others = (): readonly Place[] => [...this.#all].filter((other) => other !== place);
    this.#all.add(place);
    return {
      served: () => {
        place.isServed = true;
        for (const other of others()) other.isBeside = true;
      },
      crowded: (error, hasAnswer) => {
        const isRefusal = refusing.has(error.code) || (!hasAnswer && broken.has(error.code));
        const most = others().length;
        return isRefusal && (place.isBeside || most > 0) ? this.#busy(error, Math.max(1, most)) : error;
      },
      left: () => void this.#all.delete(place),
    };
  }

  #busy(cause: DownloadError, most: number): DownloadError {
    const { message, retryAfterMs } = cause;
    return new DownloadError("PEER_BUSY", `${this.#id} takes no more than ${most} connections: ${message}`, {
      peer: this.#id,
      cause,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    });
  }
}
