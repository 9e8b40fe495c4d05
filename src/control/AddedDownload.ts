import * as v from "valibot";
import { retrySchema } from "./ManagerSettings.js";
import { priorities } from "./DownloadRow.js";
import { natural, text } from "./shapes.js";

const byHost = v.record(text, text);

/** Options of one download, as `downloadFile` has them, as far as they are data. */
export const optionsSchema = v.object({
  out: v.exactOptional(text),
  /** An absolute path. */
  dir: v.exactOptional(text),
  overwrite: v.exactOptional(v.boolean()),
  checksum: v.exactOptional(text),
  /** Files of a Metalink, by name or by place from 1. */
  select: v.exactOptional(v.array(v.union([text, natural]))),
  discovery: v.exactOptional(v.boolean()),
  maxMetalinkBytes: v.exactOptional(natural),
  tokens: v.exactOptional(byHost),
  headers: v.exactOptional(v.record(text, byHost)),
  strategy: v.exactOptional(text),
  policy: v.exactOptional(text),
  parallelRetries: v.exactOptional(v.boolean()),
  failFast: v.exactOptional(v.boolean()),
  strictPermanent: v.exactOptional(v.boolean()),
  retry: v.exactOptional(retrySchema),
});
export type AddedOptions = v.InferOutput<typeof optionsSchema>;

/** A download that is to be made: the sources of one file, or of the files of a Metalink. */
export const addedSchema = v.object({
  /** Addresses, links, roots and paths, as of `downloadFile`; none where `metalink` is given. */
  sources: v.exactOptional(v.array(text), []),
  /** A Metalink document itself; addresses of this machine and of private networks in it are left out. */
  metalink: v.exactOptional(v.pipe(v.string(), v.maxLength(4 * 1024 * 1024))),
  options: v.exactOptional(optionsSchema, {}),
  priority: v.exactOptional(v.picklist(priorities), "normal"),
  /** True when it is listed, and waits for `resume`. */
  paused: v.exactOptional(v.boolean(), false),
});
/** A download to add, as a caller writes it. */
export type AddedDownload = v.InferInput<typeof addedSchema>;
