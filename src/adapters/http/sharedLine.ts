import type { DirectLane } from "./DirectLane.js";
import type { ConnectHttp, HttpLine, LineOptions } from "./HttpLine.js";
import type { HttpRequest } from "./HttpRequest.js";

/**
 * One line for the peers of several downloads, and one for those that lead to the public network only, so that one takes over the connections that another has
 * left. A peer that wants new ones gets a line of its own from then on. `close` is for when nobody uses it any more.
 */
export function sharedLine(connect: ConnectHttp): { readonly connect: ConnectHttp; readonly close: () => void } {
  const lines = new Map<boolean, HttpLine>();
  return {
    connect: (options: LineOptions = {}) => {
      const { publicOnly = false } = options;
      const line = lines.get(publicOnly) ?? connect(options);
      lines.set(publicOnly, line);
      return new LineOfOne(line, () => connect(options));
    },
    close: () => {
      lines.forEach((line) => line.close());
      lines.clear();
    },
  };
}

class LineOfOne implements HttpLine {
  readonly #shared: HttpLine;
  readonly #connect: () => HttpLine;
  #own: HttpLine | undefined;
  readonly direct?: DirectLane;

  constructor(shared: HttpLine, connect: () => HttpLine) {
    this.#shared = shared;
    this.#connect = connect;
    const lane = shared.direct;
    if (lane !== undefined) {
      this.direct = { read: (request, receiver) => (this.#own?.direct ?? lane).read(request, receiver) };
    }
  }

  send(request: HttpRequest): ReturnType<HttpLine["send"]> {
    return (this.#own ?? this.#shared).send(request);
  }

  renew(): void {
    if (this.#own === undefined) this.#own = this.#connect();
    else this.#own.renew();
  }

  /** Closes the line that is the download's own; connections that others use stay. */
  close(): void {
    this.#own?.close();
  }
}
