import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { Doorkeeper } from "./Doorkeeper.js";

const policy = [
  "default-src 'none'",
  ...["script", "style", "img", "font", "connect", "worker", "manifest"].map((what) => `${what}-src 'self'`),
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join("; ");

const safely = {
  "content-security-policy": policy,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-cache",
} as const;

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".map": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const noFile = "the page has no such file\n";

/** Words for those to whom no page is shown: there is none, or they have not come by the link. */
interface Refusals {
  readonly noPage: string;
  readonly noToken: string;
}

const refusalsOfDaemon: Refusals = {
  noPage: "the page is not in this package; the commands list, add and pause work without it\n",
  noToken:
    "this page opens by the link that `tributary ui` prints, once and for five minutes; run it again for another\n",
};
const refusalsOfCommand: Refusals = {
  noPage: "the page is not in this package; the command downloads without it\n",
  noToken:
    "this page opens by the link that `tributary get --ui` has printed, once, in the browser that opens it first; for another link end the command and run it again: it goes on from what is here\n",
};

/** Answers HTTP requests: the files of the page in `folder`, to those who bring the token. Never fails. */
export async function answerPage(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, door }: { readonly folder: string | undefined; readonly door: Doorkeeper },
): Promise<void> {
  const say = (status: number, text: string): void => {
    response.writeHead(status, { ...safely, "content-type": "text/plain; charset=utf-8" }).end(text);
  };
  const refusal = refusalOf(request, door);
  if (refusal !== undefined) {
    say(refusal.status, refusal.message);
    return;
  }
  const { pathname, searchParams } = new URL(`http://here${request.url?.startsWith("/") ? request.url : "/"}`);
  const isKnown = door.knows(request);
  const token = searchParams.get("token");
  // A link that was opened before leads on whoever has the cookie.
  if (token !== null && (door.takes(token) || isKnown)) {
    response.writeHead(303, { ...safely, location: pathname.replace(/^\/+/, "/"), "set-cookie": door.setCookie }).end();
    return;
  }
  const { noPage, noToken } = door.isBrief ? refusalsOfCommand : refusalsOfDaemon;
  const file = isKnown && folder !== undefined ? await pageFile(folder, pathname) : undefined;
  if (file === undefined) {
    say(isKnown ? 404 : 401, isKnown ? (folder === undefined ? noPage : noFile) : noToken);
    return;
  }
  // Names in this folder have a digest of what is in them.
  const caching = pathname.startsWith("/assets/") && { "cache-control": "public, max-age=31536000, immutable" };
  response.writeHead(200, { ...safely, ...caching, "content-type": file.type, "content-length": file.bytes.length });
  response.end(request.method === "HEAD" ? undefined : file.bytes);
}

/** Refusal of a request, whoever brings it. */
function refusalOf(
  request: IncomingMessage,
  door: Doorkeeper,
): { readonly status: number; readonly message: string } | undefined {
  const stranger = door.stranger(request);
  if (stranger !== undefined) return { ...stranger, message: `${stranger.message}\n` };
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  return { status: 405, message: "only GET is answered here\n" };
}

/** File behind a path; a path without an ending is a view of the page, which is one document. */
async function pageFile(
  folder: string,
  pathname: string,
): Promise<{ readonly bytes: Buffer; readonly type: string } | undefined> {
  const name = extname(pathname) === "" ? "index.html" : pathname.slice(1);
  const type = types[extname(name)];
  // Only plain names: nothing of a path that could lead out of the folder.
  if (type === undefined || !/^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/.test(name)) return undefined;
  const bytes = await readFile(join(folder, name)).catch(() => undefined);
  return bytes && { bytes, type };
}
