import { createReadStream } from "node:fs";
import { DownloadError } from "../../errors/DownloadError.js";
import type { DownloadErrorCode } from "../../errors/verdicts.js";
import { openFile } from "./openFile.js";

export interface ReadTextFileOptions {
  /** Bytes. @default 1048576 */
  readonly maxBytes?: number;
  /** The code of the error when the file has more. @default "LOCAL_IO" */
  readonly tooLong?: DownloadErrorCode;
}

const mostBytes = 1024 * 1024;

/** Paths that the shell hands over open, as for `<(command)`: their writer is there already. */
const inherited = /^\/dev\/(?:stdin|fd\/(\d+))$/;

/**
 * The text of a file, as UTF-8. A pipe, a device or a folder of that name is refused with `LOCAL_IO`, unopened, and what is longer than
 * `maxBytes` with the code `tooLong`; other errors are the system's.
 */
export async function readTextFile(
  path: string,
  { maxBytes = mostBytes, tooLong = "LOCAL_IO" }: ReadTextFileOptions = {},
): Promise<string> {
  const [handedOver, descriptor = "0"] = inherited.exec(path) ?? [];
  const stream =
    handedOver === undefined
      ? (await openFile(path)).createReadStream()
      : createReadStream("", { fd: Number(descriptor), autoClose: false });
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of stream as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBytes)
      throw new DownloadError(tooLong, `${path} has more than ${maxBytes} bytes, expected at most that`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}
