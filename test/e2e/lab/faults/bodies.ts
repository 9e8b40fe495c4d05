import type { Answer, Ask, Fault } from "../Exchange.js";
import { Break } from "../Exchange.js";

/** A body with something done to it; each application of the fault has its own state. */
type Change = (answer: Answer, ask: Ask) => AsyncGenerator<Buffer>;

function change(begin: () => Change): Fault {
  return (next) => {
    const altered = begin();
    return async (ask) => {
      const answer = await next(ask);
      return isOfTheFile(answer) ? { ...answer, body: altered(answer, ask) } : answer;
    };
  };
}

const isOfTheFile = ({ status }: Answer): boolean => status === 200 || status === 206;

/** Breaks the first response that comes to this place of the file, once. */
export function breaksOnceAt(place: number, how: Break["how"] = "reset"): Fault {
  return change(() => {
    let done = false;
    return async function* ({ body, position }) {
      let at = position;
      for await (const piece of body) {
        if (!done && at <= place && place < at + piece.length) {
          done = true;
          yield piece.subarray(0, place - at);
          throw new Break(how);
        }
        yield piece;
        at += piece.length;
      }
    };
  });
}

/** Breaks every response after so many bytes. */
export function cutsEach(afterBytes: number, how: Break["how"] = "close"): Fault {
  return change(
    () =>
      async function* ({ body }) {
        let left = afterBytes;
        for await (const piece of body) {
          yield piece.subarray(0, left);
          if (piece.length > left) throw new Break(how);
          left -= piece.length;
        }
      },
  );
}

/** Sends `bytes` fewer than it has said, and leaves. */
export function short(bytes: number): Fault {
  return change(
    () =>
      async function* ({ body, headers }) {
        let left = Number(headers["content-length"]) - bytes;
        for await (const piece of body) {
          yield piece.subarray(0, left);
          if (piece.length > left) throw new Break("close");
          left -= piece.length;
        }
      },
  );
}

/** Sends bytes beyond the end that it has said. */
export function long(bytes: number): Fault {
  return change(
    () =>
      async function* ({ body }) {
        yield* body;
        yield Buffer.alloc(bytes, "x");
      },
  );
}
