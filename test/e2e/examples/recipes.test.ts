import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { firstValueFrom, lastValueFrom, ReplaySubject, toArray } from "rxjs";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import "../../../examples/recipes/callerTest.js";
import { downloadMany } from "../../../examples/recipes/downloadQueue.js";
import { getJson } from "../../../examples/recipes/fetchWithStatus.js";
import { fetchFirst } from "../../../examples/recipes/hedgedRequests.js";
import { complete } from "../../../examples/recipes/llmKeys.js";
import "../../../examples/recipes/policyTest.js";
import { reader } from "../../../examples/recipes/readReplicas.js";
import { follow } from "../../../examples/recipes/resumedStream.js";
import { barAndResult } from "../../../examples/recipes/sharedProgress.js";
import { downloadThrough } from "../../../examples/recipes/throughProxy.js";
import * as root from "../../../src/index.js";
import * as node from "../../../src/node.js";
import * as operators from "../../../src/operators.js";
import * as testing from "../../../src/testing.js";
import { tempFolder } from "../../tempFolder.js";

const home = new URL("../../../", import.meta.url);
const document = readFileSync(new URL("docs/recipes.md", home), "utf8");
const snippets = Array.from(document.matchAll(/^```ts\n([^]*?)^```$/gm), ([, code = ""]) => code);
const recipes = readdirSync(new URL("examples/recipes", home));

/** A server of a few lines, gone after the test; its address. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const answer =
  (status: number, body: string, headers = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

describe("docs/recipes.md", () => {
  it.each(recipes)("The recipe %s stands in the document as it is in the examples", (name) => {
    expect(snippets).toContain(readFileSync(new URL(`examples/recipes/${name}`, home), "utf8"));
  });

  it("Names that snippets import are names of their doors", () => {
    const doors: Readonly<Record<string, object>> = {
      "rx-tributary": root,
      "rx-tributary/node": node,
      "rx-tributary/operators": operators,
      "rx-tributary/testing": testing,
    };
    const imports = snippets.flatMap((code) =>
      Array.from(code.matchAll(/^import \{ (.*) \} from "(rx-tributary[\w/]*)";$/gm), ([, names = "", door = ""]) => ({
        names: names.split(", "),
        door,
      })),
    );
    expect(imports.length).toBeGreaterThan(snippets.length / 2);
    for (const { names, door } of imports)
      expect(Object.keys(doors[door] ?? {})).toEqual(expect.arrayContaining(names));
  });
});

describe("recipes", () => {
  it("JSON that the first server does not have comes from the second", async () => {
    const bases = [await serve(answer(404, "")), await serve(answer(200, '{"from":"b"}'))];
    expect(await lastValueFrom(getJson(bases, "x"))).toEqual({ from: "b" });
  });

  it("A question that is wrong is asked once", async () => {
    const listener = vi.fn(answer(400, ""));
    const ask = lastValueFrom(getJson([await serve(listener), await serve(listener)], "x"));
    await expect(ask).rejects.toMatchObject({ reason: "permanent", cause: { status: 400 } });
    expect(listener).toHaveBeenCalledTimes(1);
  });

  it("Unsubscribing closes the connection of a request", async () => {
    const closed = new ReplaySubject<void>(1);
    const base = await serve((request) => {
      request.socket.once("close", () => closed.next());
      asked.unsubscribe();
    });
    const asked = getJson([base], "x").subscribe();
    await firstValueFrom(closed);
  });

  it("A key that is limited is left alone by all calls, while another one is free", async () => {
    const keys: (string | undefined)[] = [];
    const url = await serve((request, response) => {
      const key = request.headers.authorization;
      keys.push(key);
      if (key === "Bearer a") response.writeHead(429, { "retry-after": "60" }).end();
      else response.end('"hello"');
    });
    for (let i = 0; i < 3; i++) expect(await lastValueFrom(complete(url, ["a", "b"], {}))).toBe("hello");
    expect(keys).toEqual(["Bearer a", "Bearer b", "Bearer b", "Bearer b"]);
  });

  it("A dead replica is asked three times, and a mistake once", async () => {
    const dead = { query: vi.fn(() => Promise.reject(new Error("ECONNREFUSED"))) };
    const rows = [1];
    const well = {
      query: vi.fn((sql: string) =>
        sql === "wrong"
          ? Promise.reject(Object.assign(new Error("syntax"), { code: "42601" }))
          : Promise.resolve({ rows }),
      ),
    };
    const read = reader([dead, well]);
    for (let i = 0; i < 5; i++) expect(await lastValueFrom(read("select 1"))).toEqual({ rows });
    expect(dead.query).toHaveBeenCalledTimes(3);
    await expect(lastValueFrom(read("wrong"))).rejects.toMatchObject({ reason: "permanent" });
    expect(well.query).toHaveBeenCalledTimes(6);
  });

  it("A mirror that is silent is passed by the second, and its request is closed", async () => {
    const closed = new ReplaySubject<void>(1);
    const silent = await serve((request) => request.socket.once("close", () => closed.next()));
    expect(await lastValueFrom(fetchFirst([silent, await serve(answer(200, "b"))]))).toBe("b");
    await firstValueFrom(closed);
  });

  it("A stream that breaks goes on where it was, on another server", async () => {
    const from = ({ url = "" }: IncomingMessage): number => Number(/\d+$/.exec(url)?.[0]);
    const breaks = await serve((_, response) => {
      response.write("line 0\nline 1\nli", () => response.destroy());
    });
    const whole = await serve((request, response) => {
      for (let n = from(request); n < 4; n++) response.write(`line ${n}\n`);
      response.end();
    });
    expect(await lastValueFrom(follow([breaks, whole]).pipe(toArray()))).toEqual([
      "line 0",
      "line 1",
      "line 2",
      "line 3",
    ]);
  });

  it("A queue downloads what is there, and tells what is not", async () => {
    const dir = await tempFolder();
    const base = await serve((request, response) =>
      answer(request.url === "/gone" ? 404 : 200, "text")(request, response),
    );
    const ends = await lastValueFrom(downloadMany([`${base}a`, `${base}gone`, `${base}b`], dir, 2).pipe(toArray()));
    expect(ends.toSorted()).toEqual([
      `${base}a: ${dir}/a`,
      `${base}b: ${dir}/b`,
      expect.stringContaining(`${base}gone: DownloadError:`) as string,
    ]);
    expect(await readFile(`${dir}/b`, "utf8")).toBe("text");
  });

  it("A bar and a result share one download", async () => {
    const dir = await tempFolder();
    const { bar, result } = barAndResult(`${await serve(answer(200, "text"))}a`, dir);
    const [percents, path] = await Promise.all([lastValueFrom(bar.pipe(toArray())), firstValueFrom(result)]);
    expect(percents.at(-1)).toBe(100);
    expect(path).toBe(`${dir}/a`);
  });

  it("A download goes by way of its proxy", async () => {
    for (const name of ["http_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
    onTestFinished(() => void vi.unstubAllEnvs());
    const dir = await tempFolder();
    const asked: (string | undefined)[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url);
      const { url = "", headers } = request;
      request.pipe(
        forward(url, { headers }, (found) => {
          response.writeHead(found.statusCode ?? 502, found.headers);
          found.pipe(response);
        }),
      );
    });
    const url = `${await serve(answer(200, "text"))}a`;
    await lastValueFrom(downloadThrough(proxy, url, dir));
    expect(asked).toContain(url);
    expect(await readFile(`${dir}/a`, "utf8")).toBe("text");
  });
});
