import type { Digest } from "../manifest/Digest.js";
import type { Sha256 } from "../manifest/Hasher.js";
import type { FileFacts } from "../manifest/Manifest.js";
import { plainFile } from "../manifest/plainFile.js";
import { usableFileName } from "../manifest/usableFileName.js";
import type { FileRequest } from "./FileRequest.js";
import { lastPart } from "./lastPart.js";
import { wholeIn } from "./wholeIn.js";

/** The words of mirrors on their file; `whole` is the digest that they tell of. */
export interface ToldFacts extends Pick<FileFacts, "size" | "mirrors"> {
  readonly whole: Digest | undefined;
}

/** The facts of a file that only its mirrors vouch for. A digest that was asked for counts before one that they tell. */
export function factsOfMirrors(
  request: FileRequest,
  suggested: string | undefined,
  { size, mirrors, whole: told }: ToldFacts,
  sha256: Sha256,
): FileFacts {
  const parts = request.mirrors.map(lastPart);
  const whole = wholeIn(request, [request.name, suggested, ...parts]) ?? told;
  // A name that the user typed as the end of an address is made usable.
  const usable = suggested !== undefined && parts.includes(suggested) ? usableFileName(suggested) : suggested;
  const name = request.name ?? usable ?? "download";
  return plainFile({ name, size, ...(mirrors && { mirrors }), ...(whole && { whole }) }, sha256);
}
