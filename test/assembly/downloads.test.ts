import { writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { lastValueFrom, tap } from "rxjs";
import { downloadToBlob } from "../../src/browser.js";
import { downloadFile, makeManifest } from "../../src/node.js";
import { someBytes } from "../download/swarm.js";
import { tempFolder } from "../tempFolder.js";
import { downloadContract, type DownloadHouse } from "./downloadContract.js";

const bytes = someBytes(3_000_000);

async function onDisk(sourceOf: (url: string) => string = (url) => url): Promise<DownloadHouse> {
  const dir = await tempFolder();
  return {
    download: (url, config) => downloadFile(sourceOf(url), { ...config, catalogue: false, dir }),
    arrived: () => readFile(join(dir, "film.mkv")).catch(() => undefined),
  };
}

downloadContract("a file with digests", {
  bytes,
  ranges: true,
  house: async () => {
    const film = join(await tempFolder(), "film.mkv");
    await writeFile(film, bytes);
    const elsewhere = "http://127.0.0.1:9/film.mkv";
    const { metalink } = await lastValueFrom(makeManifest(film, { urls: [elsewhere] }));
    return onDisk((url) => {
      writeFileSync(`${film}.meta4`, metalink.replace(elsewhere, url));
      return `${film}.meta4`;
    });
  },
});

downloadContract("a file from mirrors without digests", { bytes, ranges: true, house: () => onDisk() });

downloadContract("a file of unknown size", { bytes, ranges: false, house: () => onDisk() });

downloadContract("a blob", {
  bytes,
  ranges: true,
  house: () => {
    let came: Promise<ArrayBuffer> | undefined;
    return Promise.resolve({
      download: (url, config) =>
        downloadToBlob(url, config).pipe(
          tap((event) => {
            if (event.type === "download-completed") came = event.blob.arrayBuffer();
          }),
        ),
      arrived: async () => came && new Uint8Array(await came),
    });
  },
});
