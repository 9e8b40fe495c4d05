import type { AnswerShape } from "../../protocol/AnswerShape.js";
import { contentLength } from "./contentLength.js";
import { parseContentRange } from "./contentRange.js";
import type { HttpAnswer } from "./HttpAnswer.js";

/** The shape of an answer, whatever it says of versions. */
export function shapeOf({ status, headers }: HttpAnswer): AnswerShape {
  const ranges = status === 206;
  const size = ranges ? parseContentRange(headers["content-range"])?.total : contentLength(headers);
  return { ranges, size, type: mediaType(headers) };
}

/** The media type of an answer, in small letters, without parameters. */
export function mediaType(headers: HttpAnswer["headers"]): string | undefined {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  return type.trim().toLowerCase() || undefined;
}
