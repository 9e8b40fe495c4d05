import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describePage, newPage } from "../../chromium.js";
import { DaemonProcess } from "./DaemonProcess.js";

const folder = fileURLToPath(new URL("../../../dist/web", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

let home = "";
let daemon: DaemonProcess;
let origin = "";
let cookie = "";

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "tributary-page-"));
  daemon = await DaemonProcess.start(home);
  const link = await daemon.link();
  origin = new URL(link).origin;
  const opened = await fetch(link, { redirect: "manual" });
  cookie = opened.headers.get("set-cookie")?.split(";")[0] ?? "";
});
afterAll(async () => {
  await daemon.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

/** Answer to a path as it is written: `fetch` would take the dots out of it. */
async function get(path: string, headers: Record<string, string> = { cookie }): Promise<IncomingMessage> {
  const { hostname, port } = new URL(origin);
  const asked = request({ hostname, port, path, headers }).end();
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  return answer;
}

it("Each file of the built page is served as what it is, those with a digest in their names for good, and under the policy", async () => {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => `${parentPath}/${name}`);
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    const path = file.slice(folder.length);
    const answer = await fetch(`${origin}${path}`, { headers: { cookie } });
    expect(answer.headers.get("content-type"), path).toBe(types[extname(path)]);
    expect(answer.headers.get("content-security-policy"), path).toContain("default-src 'none'");
    expect(answer.headers.get("x-content-type-options"), path).toBe("nosniff");
    const caching = path.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    expect(answer.headers.get("cache-control"), path).toBe(caching);
    expect(Buffer.from(await answer.arrayBuffer()).equals(await readFile(file)), path).toBe(true);
  }
});

it("The built document has no code and no style of its own, which its policy would not let run", async () => {
  const answer = await fetch(`${origin}/`, { headers: { cookie } });
  expect(answer.headers.get("content-security-policy")).not.toContain("unsafe");
  const document = await answer.text();
  expect(document.match(/<script(?![^>]*\ssrc=)/g)).toBeNull();
  expect(document.match(/<style|\sstyle=|\son[a-z]+=|javascript:|https?:/g)).toBeNull();
});

it("What is not in the folder of the page is not there, however its path is written", async () => {
  const outside = ["/../package.json", "/%2e%2e/package.json", "/..%2fpackage.json", "/assets/../../package.json"];
  const missing = ["/assets/none.js", "/assets/..\\..\\package.json", "//package.json", "/.git.js"];
  for (const path of [...outside, ...missing]) {
    const { statusCode, headers } = await get(path);
    expect([path, statusCode, headers["content-type"]]).toEqual([path, 404, "text/plain; charset=utf-8"]);
  }
  expect((await get("/assets/none.js", {})).statusCode).toBe(401);
  expect((await get("/settings")).statusCode).toBe(200);
});

describePage("the policy of the page", () => {
  it("No view of the page is kept from anything by its policy", async () => {
    const page = await newPage();
    const refused: string[] = [];
    page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
    await page.goto(await daemon.link());
    await page.getByText("Nothing here yet.").waitFor();
    for (const view of ["Statistics", "Settings", "Lab"]) {
      await page.getByRole("link", { name: view }).click();
      await page.getByRole("heading", { level: 2 }).first().waitFor();
    }
    await page.getByRole("button", { name: "Race" }).click();
    await page.getByRole("slider", { name: "Virtual time" }).waitFor();
    expect(refused).toEqual([]);
  });
});
