import { Agent } from "node:http";
import { type Heard, request } from "../../test/e2e/lab/request.js";
import type { Manners } from "../../test/e2e/lab/Manners.js";

/** What a server is asked for. */
export interface Asked {
  /** `http://host:port` */
  readonly origin: string;
  /** Size of `file.bin`. */
  readonly size: number;
}

/** The manners that can be seen from outside, in one request or two. */
export type Seen = Omit<Manners, "cold" | "nodes" | "survives">;

type Look<Key extends keyof Seen> = (asked: Asked) => Promise<Seen[Key] | string>;

const get = ({ origin }: Asked, headers: Readonly<Record<string, string>> = {}, path = "/file.bin"): Promise<Heard> =>
  request(`${origin}${path}`, { headers: { "accept-encoding": "identity", ...headers } });

const ranged = (asked: Asked, range: string, more: Readonly<Record<string, string>> = {}): Promise<Heard> =>
  get(asked, { range: `bytes=${range}`, ...more });

/** What an answer is, where it is none of those that have a name. */
function inWords({ status, headers, body }: Heard): string {
  return `${status}, ${headers["content-range"] ?? "no Content-Range"}, ${body.length} bytes`;
}

const isWhole = ({ status, body }: Heard, { size }: Asked): boolean => status === 200 && body.length === size;

function refusalIn({ status, headers }: Heard): string | undefined {
  if (status !== 416) return undefined;
  const said = headers["content-range"];
  return said === undefined ? "416" : said.startsWith("bytes ") ? "416 bytes */N" : "416 */N";
}

/** How each of the manners is found out. */
export const looks: { readonly [Key in keyof Seen]: Look<Key> } = {
  range: async (asked) => {
    const heard = await ranged(asked, "1000-1999");
    if (isWhole(heard, asked)) return "whole";
    return heard.status === 206 && heard.body.length === 1000 ? "part" : inWords(heard);
  },
  firstByte: async (asked) => {
    const heard = await ranged(asked, "0-0");
    const { status, headers, body } = heard;
    // That is no matter of the first byte, but of a single one.
    if (status === 416) return "part";
    if (status !== 206) return inWords(heard);
    if (body.length === asked.size) return "whole as a part";
    return headers["content-range"]?.startsWith("bytes 0-0/") ? "part" : "misnamed";
  },
  oneByte: async (asked) => {
    const heard = await ranged(asked, "1000-1000");
    if (heard.status === 416) return "unsatisfiable";
    return heard.status === 206 && heard.body.length === 1 ? "part" : inWords(heard);
  },
  lastBytes: async (asked) => {
    const heard = await ranged(asked, "-100");
    if (isWhole(heard, asked)) return "whole";
    if (heard.status === 416) return "unsatisfiable";
    if (heard.body.length === 101 && heard.headers["content-range"]?.startsWith("bytes 0-")) return "first bytes";
    return heard.status === 206 && heard.body.length === 100 ? "part" : inWords(heard);
  },
  severalRanges: async (asked) => {
    const heard = await ranged(asked, "0-9,100-109");
    if (isWhole(heard, asked)) return "whole";
    if (heard.status === 416) return "unsatisfiable";
    if (heard.headers["content-type"]?.startsWith("multipart/")) return "parts";
    return { 10: "first", 110: "one for all" }[heard.body.length] ?? inWords(heard);
  },
  wholeRange: async (asked) => {
    const heard = await ranged(asked, "0-");
    return heard.status === 206 ? "part" : isWhole(heard, asked) ? "whole" : inWords(heard);
  },
  behindEnd: async (asked) => {
    const heard = await ranged(asked, `${asked.size}-${asked.size + 99}`);
    if (isWhole(heard, asked)) return "whole";
    if (heard.status === 400) return 400;
    return refusalIn(heard) ?? (heard.status === 206 ? "bytes that are not there" : inWords(heard));
  },
  acrossEnd: async (asked) => {
    const heard = await ranged(asked, `${asked.size - 50}-${asked.size + 49}`);
    if (isWhole(heard, asked)) return "whole";
    if (heard.status === 400) return 400;
    if (heard.status === 416) return "unsatisfiable";
    const [, last] = /-(\d+)\//.exec(heard.headers["content-range"] ?? "") ?? [];
    if (Number(last) === asked.size) return "a byte too many";
    return heard.status === 206 && heard.body.length === 50 ? "part" : inWords(heard);
  },
  rangeOfEmpty: async (asked) => {
    const heard = await get(asked, { range: "bytes=0-" }, "/empty.bin");
    if (heard.status === 200) return "whole";
    if (heard.status === 204) return 204;
    return refusalIn(heard) ?? heard.headers["content-range"]?.replace(/^bytes /, "") ?? inWords(heard);
  },
  total: async (asked) => {
    const heard = await ranged(asked, "1000-1999");
    return heard.headers["content-range"]?.endsWith("/*") ? "untold" : "told";
  },
  ifMatch: async (asked) => {
    const heard = await ranged(asked, "1000-1999", { "if-match": '"no such tag"' });
    return { 412: "minded", 206: "ignored", 200: "ignored" }[heard.status] ?? inWords(heard);
  },
  ifRange: async (asked) => {
    const { headers } = await get(asked);
    const right = headers.etag ?? headers["last-modified"];
    const known = right === undefined ? undefined : await ranged(asked, "1000-1999", { "if-range": right });
    const wrong = right === headers.etag ? '"no such tag"' : "Thu, 01 Jan 1970 00:00:00 GMT";
    const other = await ranged(asked, "1000-1999", { "if-range": wrong });
    if (known?.status === 304) return "not modified";
    if (known?.status === 200) return "whole";
    return { 206: "ignored", 200: "minded" }[other.status] ?? inWords(other);
  },
  etag: async (asked) => {
    const { etag } = (await get(asked)).headers;
    if (etag === undefined) return "none";
    return etag.startsWith("W/") ? "weak" : etag.startsWith('"') ? "strong" : "unquoted";
  },
  date: async (asked) => {
    const [whole, part] = [await get(asked), await ranged(asked, "1000-1999")];
    if (whole.headers["last-modified"] === undefined) return "none";
    return part.headers["last-modified"] === undefined ? "of the whole only" : "told";
  },
  label: async (asked) => (await get(asked, {}, "/packed.tar.gz")).headers["content-encoding"] ?? "none",
  end: async (asked) => {
    const { headers } = await get(asked);
    if (headers["transfer-encoding"] === "chunked") return "chunks";
    return headers["content-length"] === undefined ? "connection" : "length";
  },
  connection: async (asked) => (await twice(asked)).connection,
  nextRequest: async (asked) => {
    const { next } = await twice(asked);
    return next.status === 503 ? 503 : "served";
  },
};

/** Two requests, over one connection if it stays. */
async function twice({ origin }: Asked): Promise<{ connection: Seen["connection"]; next: Heard }> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  try {
    await request(`${origin}/file.bin`, { agent });
    await new Promise((resolve) => setImmediate(resolve));
    const connection = Object.keys(agent.freeSockets).length > 0 ? "kept" : "closed";
    return { connection, next: await request(`${origin}/file.bin`, { agent }) };
  } finally {
    agent.destroy();
  }
}
