import * as v from "valibot";
import type { GivenRetryConfig } from "../download/RetryConfig.js";
import { retrySchema } from "./ManagerSettings.js";
import { priorities, type Priority } from "./DownloadRow.js";
import { natural, text } from "./shapes.js";

const byHost = v.record(text, text);

/** Options of one download, as `downloadFiles` has them, as far as they are data. */
export interface AddedOptions {
  /** Name of the file. @default the one that it has there */
  readonly out?: string;
  /** Folder of the file, an absolute path. @default that of the settings */
  readonly dir?: string;
  /** True when another file of that name may be replaced. @default false */
  readonly overwrite?: boolean;
  /** Digest of the whole file. @default not checked */
  readonly checksum?: string;
  /** Files of a Metalink, by name or by place from 1. @default all */
  readonly select?: readonly (string | number)[];
  /** True when mirrors and digests are used of which answers tell. @default true */
  readonly discovery?: boolean;
  /** Bytes that a Metalink may have. @default 4194304 */
  readonly maxMetalinkBytes?: number;
  /** Secrets by host. @default none */
  readonly tokens?: Readonly<Record<string, string>>;
  /** Headers by host. @default none */
  readonly headers?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Order in which peers are asked, by its name. @default "balanced" */
  readonly strategy?: string;
  /** Policy of retries: `standard` or `adaptive`. @default "standard" */
  readonly policy?: string;
  /** True when a chunk may have a second request. @default true */
  readonly parallelRetries?: boolean;
  /** True when the first chunk that gives up fails the download. @default false */
  readonly failFast?: boolean;
  /** True when any permanent error of any peer fails the download. @default false */
  readonly strictPermanent?: boolean;
  /** Retry policy, as far as it differs from that of the settings. @default that of the settings */
  readonly retry?: GivenRetryConfig;
}

/** A download that is to be made: the sources of one file, or of the files of a Metalink. */
export interface AddedDownload {
  /** Addresses, links, roots and paths, as of `downloadFile`. @default none, where `metalink` is given */
  readonly sources?: readonly string[];
  /** A Metalink document itself, which is a stranger's, as `isForeign` says. @default none */
  readonly metalink?: string;
  /**
   * True when its user typed none of the sources, as those of a list that was dropped on a page: addresses of this machine and of private networks are not
   * asked, and no source is a path.
   * @default false
   */
  readonly isForeign?: boolean;
  /** Options of the download. @default none */
  readonly options?: AddedOptions;
  /** Rank among those that wait. @default "normal" */
  readonly priority?: Priority;
  /** True when it is listed, and waits for `resume`. @default false */
  readonly paused?: boolean;
}

export const optionsSchema = v.object({
  out: v.exactOptional(text),
  dir: v.exactOptional(text),
  overwrite: v.exactOptional(v.boolean()),
  checksum: v.exactOptional(text),
  select: v.exactOptional(v.pipe(v.array(v.union([text, natural])), v.readonly())),
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
}) satisfies v.GenericSchema<AddedOptions>;

export const addedSchema = v.object({
  sources: v.exactOptional(v.pipe(v.array(text), v.readonly()), []),
  metalink: v.exactOptional(v.pipe(v.string(), v.maxLength(4 * 1024 * 1024))),
  options: v.exactOptional(optionsSchema, {}),
  isForeign: v.exactOptional(v.boolean(), false),
  priority: v.exactOptional(v.picklist(priorities), "normal"),
  paused: v.exactOptional(v.boolean(), false),
});
