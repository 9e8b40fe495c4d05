import { DownloadError } from "../../errors/DownloadError.js";
import { excerpt } from "../../errors/excerpt.js";
import { contentLength } from "./contentLength.js";
import type { HttpAnswer } from "./HttpAnswer.js";

/** Codings that change no byte; the second is how a file was once sent to its store. */
const idle: ReadonlySet<string> = new Set(["", "identity", "aws-chunked"]);

/** The codings that an answer says its file has, in small letters, as they were applied: those that change bytes. */
export function contentCodings({ headers }: Pick<HttpAnswer, "headers">): readonly string[] {
  const named = (headers["content-encoding"] ?? "").split(",").map((coding) => coding.trim().toLowerCase());
  return named.filter((coding) => !idle.has(coding));
}

/**
 * Takes the bytes of a file as they are stored. All are asked for as they are, so a coding is one that the file has (RFC 9110, 8.4): many servers label
 * `.tar.gz` so, whatever is asked. A file that its server compresses on its way all the same shows by its length: there is none, since the server does not
 * know it beforehand, or it is not the one that is known.
 *
 * @param size bytes of the whole file, where the answer tells
 * @param known bytes of the whole file, where they are known
 * @throws DownloadError `PROTOCOL_ERROR` when the bytes are not those of the file as it is.
 */
export function checkCoding(
  peer: string,
  answer: HttpAnswer,
  { size, known }: { readonly size: number | undefined; readonly known: number | undefined },
): void {
  const transfer = (answer.headers["transfer-encoding"] ?? "chunked").trim().toLowerCase();
  const codings = contentCodings(answer);
  const isOther = size !== undefined && known !== undefined && size !== known;
  const isOnItsWay = answer.isDecoded === true || contentLength(answer.headers) === undefined || isOther;
  const wrong = transfer !== "chunked" ? transfer : codings.length > 0 && isOnItsWay ? codings.join(", ") : undefined;
  if (wrong === undefined) return;
  const sizes = isOther ? ` with ${known} bytes, and not with ${size}` : "";
  const text = `${peer} encodes the file as ${excerpt(wrong)}, expected it as it is${sizes}`;
  throw new DownloadError("PROTOCOL_ERROR", text, { peer });
}
