import type { DownloadErrorCode } from "../../errors/verdicts.js";

/** A proxy that makes no connection for us. */
export class ProxyRefusal extends Error {
  readonly refusal: DownloadErrorCode;

  constructor(refusal: DownloadErrorCode, message: string) {
    super(message);
    this.refusal = refusal;
  }
}
