import * as v from "valibot";
import type { Account } from "../download/Account.js";
import { addedSchema } from "./AddedDownload.js";
import { daySchema } from "./DayStatistics.js";
import { downloadStates, priorities } from "./DownloadRow.js";
import { settingsSchema } from "./ManagerSettings.js";
import { moment, natural, positive, text } from "./shapes.js";

/** The version that this program writes, and the newest that it reads. */
export const recordVersion = 1;

const accountSchema = v.pipe(
  v.looseObject({ size: natural, done: natural, received: natural }),
  v.transform((account) => account as unknown as Account),
);

/** Record of one download. */
const downloadRecordSchema = v.object({
  id: positive,
  /** Sources and options, secrets among them. */
  added: v.omit(addedSchema, ["priority", "paused", "metalink", "isForeign"]),
  /** True when nobody typed its sources: a document that is kept for it, or addresses of a list from elsewhere. */
  isForeign: v.exactOptional(v.boolean()),
  /** The entry whose Metalink names this file among others: its options, and with the file that stood for it how many the Metalink names. */
  entry: v.exactOptional(v.object({ options: addedSchema.entries.options, files: v.exactOptional(natural) })),
  priority: v.picklist(priorities),
  state: v.picklist(downloadStates),
  name: v.exactOptional(text),
  size: v.exactOptional(natural),
  done: natural,
  /** Path of the file, as far as it is known; it grows beside that. */
  path: v.exactOptional(text),
  error: v.exactOptional(v.object({ code: text, message: text })),
  removed: v.exactOptional(v.boolean()),
  account: v.exactOptional(accountSchema),
  addedAt: moment,
  endedAt: v.exactOptional(moment),
});
export type DownloadRecord = v.InferOutput<typeof downloadRecordSchema>;

/** Record of a manager, its downloads in their order. */
export const managerRecordSchema = v.object({
  version: v.literal(recordVersion),
  /** Number of the next download. */
  nextId: positive,
  settings: settingsSchema,
  downloads: v.array(downloadRecordSchema),
  days: v.array(daySchema),
});
export type ManagerRecord = v.InferOutput<typeof managerRecordSchema>;
