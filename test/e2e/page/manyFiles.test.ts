import { createHash, randomBytes } from "node:crypto";
import type { RequestListener } from "node:http";
import type { Page } from "playwright-core";
import { afterEach, expect, it } from "vitest";
import { answerWith, cleanUp, serve } from "../../adapters/http/harness.js";
import { describePage } from "../../chromium.js";
import type { InPage } from "./inPage.js";
import { openPage } from "./openPage.js";

const open = { "access-control-allow-origin": "*" };
const contents = [700_000, 300_000, 500_000].map((size) => randomBytes(size));
const sha256 = contents.map((bytes) => createHash("sha256").update(bytes).digest("hex"));

type ManyFiles = InPage["inPage"]["manyFiles"];

afterEach(cleanUp);

const mirror = (bytes: Buffer, path: string) => serve(answerWith(bytes, open), { host: "127.0.0.3", path });

const inPage = <Verb extends keyof ManyFiles>(page: Page, verb: Verb, ...words: Parameters<ManyFiles[Verb]>) =>
  page.evaluate(
    ([name, all]) => {
      const verbs = (globalThis as unknown as InPage).inPage.manyFiles;
      return (verbs[name] as (...given: readonly unknown[]) => unknown)(...all);
    },
    [verb, words as readonly unknown[]] as const,
  );

const inMetalink = (name: string, at: number, url: string): string =>
  `<file name="${name}"><size>${contents[at]?.length}</size><hash type="sha-256">${sha256[at]}</hash><url>${url}</url></file>`;

/** Sends the beginning of the file, and no more. */
const stalling =
  (bytes: Buffer): RequestListener =>
  (_, response) => {
    response.writeHead(200, { ...open, "content-length": bytes.length });
    response.write(bytes.subarray(0, 300_000));
  };

describePage("lists of files in a page", () => {
  it("A list that is run again onto the disk takes the files that are there whole", async () => {
    const page = await openPage();
    const [bytes = Buffer.alloc(0), other = Buffer.alloc(0)] = contents;
    const [a, b] = [await mirror(bytes, "/a.bin"), await mirror(other, "/b.bin")];
    await inPage(page, "begin", "toOpfs", [a.url], 2);
    await inPage(page, "ended");
    await inPage(page, "begin", "toOpfs", [a.url, b.url], 2);
    expect(await inPage(page, "ended")).toMatchObject({
      files: [
        { status: "completed", name: "a.bin", sha256: sha256[0] },
        { status: "completed", name: "b.bin", sha256: sha256[1] },
      ],
    });
  });

  it.each([["toBlobs"], ["toOpfs"]] as const)(
    "A page gets all files of a list %s, those of a Metalink too, and one that nobody has keeps no other from coming",
    async (door) => {
      const page = await openPage();
      const urls = [];
      for (const [at, bytes] of contents.entries()) urls.push((await mirror(bytes, `/file${at}.bin`)).url);
      const gone = await serve((_, response) => response.writeHead(404, open).end(), { host: "127.0.0.3" });
      const [first = "", second = "", third = ""] = urls;
      const files =
        inMetalink("one.bin", 1, second) + inMetalink("other.bin", 1, second) + inMetalink("two.bin", 2, third);
      const metalink = `<metalink xmlns="urn:ietf:params:xml:ns:metalink">${files}</metalink>`;
      const entries = [first, gone.url, { metalink, select: ["one.bin", "two.bin"] }, { metalink: "no XML" }];
      await inPage(page, "begin", door, entries, 2);
      expect(await inPage(page, "ended")).toMatchObject({
        files: [
          { status: "completed", name: "file0.bin", sha256: sha256[0] },
          { status: "failed", code: "FILE_NOT_FOUND_ANYWHERE" },
          { status: "completed", name: "one.bin", sha256: sha256[1] },
          { status: "completed", name: "two.bin", sha256: sha256[2] },
          { status: "failed", code: "INVALID_MANIFEST" },
        ],
        total: { filesDone: 3, filesFailed: 2, bytesDone: 1_500_000 },
      });
    },
  );

  it.each([["toBlobs"], ["toOpfs"]] as const)(
    "A file of a list %s that is cancelled with what is here of it leaves room for the next one, and comes when it is tried again",
    async (door) => {
      const page = await openPage();
      const [bytes = Buffer.alloc(0), other = Buffer.alloc(0)] = contents;
      let answer = stalling(bytes);
      const slow = await serve((request, response) => answer(request, response), { host: "127.0.0.3", path: "/a.bin" });
      const later = await mirror(other, "/b.bin");
      const held = await serve(stalling(bytes), { host: "127.0.0.4", path: "/c.bin" });
      await inPage(page, "begin", door, [slow.url, later.url, held.url], 1);
      await inPage(page, "until", 0, "download-started");
      await inPage(page, "cancel", 0, "remove");
      await inPage(page, "until", 1, "file-ended");
      await inPage(page, "until", 2, "download-started");
      answer = answerWith(bytes, open);
      await inPage(page, "retry", 0);
      await inPage(page, "cancel", 2);
      expect(await inPage(page, "ended")).toMatchObject({
        files: [
          { status: "completed", name: "a.bin", sha256: sha256[0] },
          { status: "completed", name: "b.bin", sha256: sha256[1] },
          { status: "cancelled", removed: false },
        ],
      });
    },
  );
});
