import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { filter, firstValueFrom, map, scan } from "rxjs";
import { afterEach, expect, it } from "vitest";
import { cleanUp } from "../../adapters/http/harness.js";
import { serving } from "../../adapters/webrtc/harness.js";
import { describePage } from "../../chromium.js";
import { tempFolder } from "../../tempFolder.js";
import { seedFile } from "../../tools/seedFile.js";
import type { InPage } from "./inPage.js";
import { openPage } from "./openPage.js";

const size = 64 * 1024 * 1024;

afterEach(cleanUp);

describePage("a page that meets others at a seeder", () => {
  it("A page gets 64 MiB from a download in Node, over a data channel, what their seeder would take long for", async () => {
    const folder = await tempFolder();
    const bytes = randomBytes(size);
    const path = join(folder, "film.mkv");
    await writeFile(path, bytes);
    const { link } = await seedFile(path, { limitRate: 100_000, allowOrigins: ["*"] });
    const first = await serving(link, join(folder, "first"), bytes);
    const served = firstValueFrom(
      first.events.pipe(
        map((event) => (event.type === "chunk-served" && event.peer.startsWith("rtc:") ? event.bytes : 0)),
        scan((sum, bytes) => sum + bytes, 0),
        filter((sum) => sum >= 0.9 * size),
      ),
    );
    const page = await openPage();
    const ended = await page.evaluate(
      ([from, options]) => (globalThis as unknown as InPage).inPage.toBlob(from, options),
      [link, { rtc: true }] as const,
    );
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect(ended).toMatchObject({ last: "download-completed", size, sha256 });
    await served;
  });
});
