import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Page } from "playwright-core";
import { atEnd, serve } from "../../adapters/http/harness.js";
import { sharedBrowser } from "../../chromium.js";

/** The files of the page's code, by their paths, as a bundler makes them. */
const code = build({
  entryPoints: { page: fileURLToPath(new URL("inPage.ts", import.meta.url)) },
  outdir: "/",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "browser",
  write: false,
  logLevel: "warning",
}).then(({ outputFiles }) => new Map(outputFiles.map(({ path, text }) => [path, text])));

/**
 * A page in a profile of its own, which `cleanUp` takes away, in which `inPage` runs: of a server on 127.0.0.2, or as if it was of the origin that is given.
 */
export async function openPage(origin?: string): Promise<Page> {
  const context = await sharedBrowser.newContext();
  atEnd(() => context.close());
  const page = await context.newPage();
  const files = await code;
  const fileAt = (path: string): { readonly contentType: string; readonly body: string } => {
    const body = files.get(path);
    if (body !== undefined) return { contentType: "text/javascript", body };
    return { contentType: "text/html", body: `<script type="module" src="/page.js"></script>` };
  };
  if (origin !== undefined) {
    await page.route(`${origin}/**`, (route) => route.fulfill(fileAt(new URL(route.request().url()).pathname)));
  }
  const server = await serve(
    ({ url = "/" }, response) => {
      const { contentType, body } = fileAt(url);
      response.writeHead(200, { "content-type": contentType }).end(body);
    },
    { host: "127.0.0.2", path: "/" },
  );
  await page.goto(origin === undefined ? server.url : `${origin}/`);
  await loaded(page);
  return page;
}

/** Another tab of the same profile, with the same page. */
export async function openTab(page: Page): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  await loaded(tab);
  return tab;
}

/** Loads the page again, as its user would. */
export async function reload(page: Page): Promise<void> {
  await page.reload();
  await loaded(page);
}

const loaded = (page: Page): Promise<unknown> => page.waitForFunction(() => "inPage" in globalThis);
