import * as v from "valibot";
import { type AddedDownload, addedSchema, optionsSchema } from "./AddedDownload.js";
import { daySchema } from "./DayStatistics.js";
import { priorities, rowSchema, totalSchema } from "./DownloadRow.js";
import { eventSchema, lineSchema, stateSchema } from "./events.js";
import { settingsChangeSchema, settingsSchema } from "./ManagerSettings.js";
import { bytes, moment, natural, positive, text } from "./shapes.js";

/** Number of a request, which its answer has, too; chosen by the client. */
const id = v.pipe(natural, v.maxValue(2 ** 32 - 1));
const downloads = v.union([v.array(positive), v.literal("all")]);

/** Lists that nobody changes may be given, too. */
const added: v.GenericSchema<AddedDownload, v.InferOutput<typeof addedSchema>> = addedSchema;

const hello = v.object({
  type: v.literal("hello"),
  version: natural,
  /** Name and version of the program, for people. */
  program: v.exactOptional(text),
  /** True when the process ends with its downloads, so that a client need not look for it afterwards. */
  ends: v.exactOptional(v.boolean()),
});

const request = <const Type extends string>(type: Type) => ({ type: v.literal(type), id });

const onDownloads = <const Type extends string>(type: Type) => v.object({ ...request(type), downloads });

/** Messages of a client, by `type`. */
export const requestSchemas = {
  hello,
  add: v.object({ ...request("add"), downloads: v.array(added) }),
  /** For downloads that wait or run. */
  pause: onDownloads("pause"),
  /** For downloads that are paused or cancelled. */
  resume: onDownloads("resume"),
  /** For downloads that have not ended. */
  cancel: v.object({ ...request("cancel"), downloads, files: v.exactOptional(v.picklist(["keep", "remove"]), "keep") }),
  /** For downloads that failed. */
  retry: onDownloads("retry"),
  /** Takes downloads off the list; what runs is cancelled first. Files that are complete stay. */
  remove: v.object({ ...request("remove"), downloads, files: v.exactOptional(v.picklist(["keep", "remove"]), "keep") }),
  move: v.object({
    ...request("move"),
    downloads: v.array(positive),
    priority: v.exactOptional(v.picklist(priorities)),
    /** The download that they go before; null for the end of the list. */
    before: v.exactOptional(v.nullable(positive)),
  }),
  configure: v.object({ ...request("configure"), settings: settingsChangeSchema }),
  /** The wish of a client, what to hear of from now on; each message replaces the one before. */
  watch: v.object({
    ...request("watch"),
    list: v.exactOptional(v.boolean(), false),
    details: v.exactOptional(v.pipe(v.array(positive), v.maxLength(16)), []),
  }),
  history: v.object({ ...request("history"), download: positive, chunk: natural }),
  statistics: v.object(request("statistics")),
  /** For a link of the page. */
  link: v.object(request("link")),
  /** Ends the daemon; what runs is saved, and taken up when the next one starts. */
  stop: v.object(request("stop")),
} as const;

const chunkMap = v.object({
  /** Peers by their numbers in `chunks`, which count from 1. */
  peers: v.array(text),
  /** Two bytes a chunk: first the states of all, then who brought them. See `ChunkMap`. */
  chunks: bytes,
});

const snapshot = v.object({
  state: stateSchema,
  map: chunkMap,
  /** The last lines worth saying. */
  log: v.array(lineSchema),
  /** Options it was added with, without secrets. */
  options: v.omit(optionsSchema, ["tokens", "headers"]),
});

const listUpdate = v.object({
  /** True when `rows` are all there are; false when they are those that changed. */
  whole: v.boolean(),
  rows: v.array(rowSchema),
  /** Downloads that were taken off the list. */
  gone: v.array(positive),
  /** All downloads as they stand in line; absent when that is as it was. */
  order: v.exactOptional(v.array(positive)),
  total: totalSchema,
  settings: v.exactOptional(settingsSchema),
});

const detailUpdate = v.object({
  download: positive,
  /** State to begin with; absent when `events` go on from what was told before. */
  snapshot: v.exactOptional(snapshot),
  events: v.array(eventSchema),
});

/** Messages of the daemon, by `type`. */
export const answerSchemas = {
  hello,
  /** The answer to `add`: numbers of the downloads, in the order of the request, and of those that were in the list already. */
  added: v.object({ ...request("added"), downloads: v.array(positive), known: v.exactOptional(v.array(positive)) }),
  /** The answer to a request that has no other. */
  done: v.object(request("done")),
  error: v.object({
    type: v.literal("error"),
    /** The request that failed; absent when it is the connection. */
    id: v.exactOptional(id),
    code: text,
    message: text,
  }),
  history: v.object({
    ...request("history"),
    events: v.array(eventSchema),
    /** False when earlier events of the chunk are not kept any more. */
    whole: v.boolean(),
  }),
  statistics: v.object({ ...request("statistics"), days: v.array(daySchema) }),
  /** A link that lets one browser in, once, and for five minutes. */
  link: v.object({ ...request("link"), url: text }),
  /** Changes of all that is watched; at most ten a second. */
  update: v.object({
    type: v.literal("update"),
    at: moment,
    list: v.exactOptional(listUpdate),
    details: v.exactOptional(v.array(detailUpdate), []),
  }),
} as const;

export type ControlRequest = v.InferOutput<(typeof requestSchemas)[keyof typeof requestSchemas]>;
/** A request as a caller writes it: what has a default may be left out. */
export type GivenRequest = v.InferInput<(typeof requestSchemas)[keyof typeof requestSchemas]>;
export type ControlAnswer = v.InferOutput<(typeof answerSchemas)[keyof typeof answerSchemas]>;
export type ListUpdate = v.InferOutput<typeof listUpdate>;
export type DetailUpdate = v.InferOutput<typeof detailUpdate>;
export type DetailSnapshot = v.InferOutput<typeof snapshot>;
export type Update = Extract<ControlAnswer, { readonly type: "update" }>;
