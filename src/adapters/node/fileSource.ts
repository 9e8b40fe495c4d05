import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { basename } from "node:path";
import { catchError, defer, finalize, from, map, Observable, switchMap, throwError } from "rxjs";
import { DownloadError } from "../../errors/DownloadError.js";
import { buildManifest } from "../../manifest/buildManifest.js";
import type { Manifest } from "../../manifest/Manifest.js";
import { localError } from "./localError.js";
import { readPieces } from "./readPieces.js";
import { sha256 } from "./sha256.js";
import { stampOf } from "./stampOf.js";

/** A file that is being served: opened once, and refused from the moment that it is no longer what its manifest says. */
export interface FileSource {
  readonly manifest: Manifest;
  /**
   * One emission: `length` bytes from `offset`. Errors with `RESOURCE_CHANGED` when the file was changed since it was opened,
   * with `LOCAL_IO` when it cannot be read.
   */
  read(offset: number, length: number): Observable<Uint8Array>;
  /** Closes the file after the reads in flight. May be called again. */
  close(): Observable<never>;
}
