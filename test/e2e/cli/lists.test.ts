import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { answerWith, cleanUp, fileOf, serve } from "../../adapters/http/harness.js";
import { tempFolder } from "../../tempFolder.js";
import { runCli, startCli } from "./runCli.js";

let folder: string;

beforeEach(async () => {
  folder = await tempFolder();
  return cleanUp;
});

const files: Readonly<Record<string, Buffer>> = { a: fileOf(1000), b: fileOf(400_000), c: fileOf(10) };

/** A server of these files; any other name is 404. */
async function origin() {
  const { url, requests, sockets } = await serve(
    (request, response) => {
      const file = files[(request.url ?? "").slice(1)];
      if (file === undefined) response.writeHead(404).end();
      else answerWith(file, { etag: `"${file.length}"` })(request, response);
    },
    { path: "" },
  );
  return { url, requests, sockets };
}

const list = (...lines: readonly string[]) => writeFile(join(folder, "list"), lines.join("\n"));
const isHere = async (path: string, name: string) => files[name]?.equals(await readFile(join(folder, path))) === true;

it("The files of a list are downloaded by `get -i`, each with its mirrors and options", async () => {
  const [one, two] = [await origin(), await origin()];
  await mkdir(join(folder, "own"));
  const lines = [
    `# films`,
    `${one.url}/a\t${two.url}/a`,
    "  out=first",
    "",
    `${one.url}/b`,
    "\tdir=own",
    `${one.url}/c`,
  ];
  await list(...lines);
  const { code, stdout, stderr } = await runCli(folder, ["get", "-i", "list", "--no-catalogue", "-j", "2"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect([await isHere("first", "a"), await isHere("own/b", "b"), await isHere("c", "c")]).toEqual([true, true, true]);
  expect(stdout).toMatch(/^b: Done: 400 kB fetched/m);
  expect(stdout).toMatch(/^3 of 3 files, 401 kB in .*\n$/m);
  expect((await readdir(folder)).toSorted()).toEqual(["c", "first", "list", "own"]);
});

it("A list from stdin is downloaded by `get -i -`, and what is here already is passed over", async () => {
  const { url, requests } = await origin();
  const run = async () => {
    const running = startCli(folder, ["get", "-i", "-", "--no-catalogue"]);
    running.child.stdin.end(`${url}/b\n${url}/c\n`);
    return running.finished;
  };
  expect(await run()).toMatchObject({ code: 0, stderr: "" });
  const asked = requests.length;
  const { stdout } = await run();
  expect(stdout).toMatch(/^c: Done: 10 B here, nothing had to be fetched/m);
  expect(requests.slice(asked).every(({ headers }) => headers.range !== "bytes=0-262143")).toBe(true);
});

it("A file of a list that fails keeps no other from being had, and the first one in the list sets the exit code", async () => {
  const { url } = await origin();
  await list(`${url}/gone`, `${url}/a`, "http://127.0.0.1:1/refused", `${url}/c`);
  const { code, stderr } = await runCli(folder, ["get", "-i", "list", "--no-catalogue", "--max-chunk-retries", "0"]);
  expect({ code }).toEqual({ code: 5 });
  expect(stderr).toMatch(/^tributary: .*\/gone.*404.*\ntributary: .*ECONNREFUSED.*\ntributary: 2 of 4 files failed; /);
  expect([await isHere("a", "a"), await isHere("c", "c")]).toEqual([true, true]);
});

it("Of two files of a list with one name the second is told, and the first is left as it is", async () => {
  const [one, two] = [await origin(), await origin()];
  await list(`${one.url}/a`, "  out=a", `${two.url}/b`, "  out=a");
  const { code, stderr } = await runCli(folder, ["get", "-i", "list", "--no-catalogue", "--overwrite", "-j", "1"]);
  expect({ code }).toEqual({ code: 7 });
  expect(stderr).toContain("is the place of another file of the list, too; choose another name or folder");
  expect(await isHere("a", "a")).toBe(true);
});

it("A list that is stopped by Ctrl-C ends with 130, and the same command gets the rest", async () => {
  let isSlow = true;
  const { url } = await serve(
    (request, response) => {
      const file = files[(request.url ?? "").slice(1)] ?? Buffer.alloc(0);
      if (isSlow && request.url === "/b")
        response.writeHead(200, { "content-length": file.length }).write(file.subarray(0, 9));
      else answerWith(file)(request, response);
    },
    { path: "" },
  );
  await list(`${url}/a`, `${url}/b`, `${url}/c`);
  const args = ["get", "-i", "list", "--no-catalogue", "-j", "1"];
  const running = startCli(folder, args);
  await running.printed(/^a: Done/m);
  running.child.kill("SIGINT");
  expect(await running.finished).toMatchObject({ code: 130 });
  isSlow = false;
  expect(await runCli(folder, args)).toMatchObject({ code: 0 });
  expect([await isHere("a", "a"), await isHere("b", "b"), await isHere("c", "c")]).toEqual([true, true, true]);
});

it.each([
  [
    "an option that is none",
    ["http://127.0.0.1:1/a", "  split=3"],
    /line 2 of list is option "split"; .* only out, dir, checksum/,
  ],
  ["an option of no file", ["  out=b"], /line 1 of list begins with white space/],
  ["no file", ["# nothing"], /list names no file/],
  ["a word that is no source", ["http://127.0.0.1:1/a", "nonsense"], /line 2 of list: "nonsense" is no source/],
])("A list with %s is refused by `get` before anything is asked for", async (_, lines, message) => {
  await list(...lines);
  const { code, stderr } = await runCli(folder, ["get", "-i", "list"]);
  expect({ code }).toEqual({ code: 2 });
  expect(stderr).toMatch(message);
});

it("Options of one file beside a list, and a number of files that is none, are refused by `get`", async () => {
  await list("http://127.0.0.1:1/a");
  expect(await runCli(folder, ["get", "-i", "list", "-o", "x"])).toMatchObject({
    code: 2,
    stderr: 'tributary: -o "x" is of one file, and --input-file names a list; write it into the list\n',
  });
  expect(await runCli(folder, ["get", "-i", "list", "-j", "0"])).toMatchObject({
    code: 2,
    stderr: 'tributary: -j is "0"; it must be a whole number of files, at least 1\n',
  });
});
