import { DownloadError, ofType } from "rx-tributary";
import { downloadFile } from "rx-tributary/node";
import { fakeDownloadFile } from "rx-tributary/testing";
import { catchError, firstValueFrom, map, type Observable, of } from "rxjs";
import { expect, it } from "vitest"; // or from "@jest/globals"

/** The code that is tested. It takes `downloadFile` as a parameter, so that a test can put a stand-in there. */
function saveFilm(url: string, download: typeof downloadFile = downloadFile): Observable<string> {
  return download(url, { out: "film.mkv" }).pipe(
    ofType("download-completed"),
    map(({ path }) => `saved as ${path}`),
    catchError((error: unknown) => of(`not saved: ${error instanceof DownloadError ? error.code : "unknown"}`)),
  );
}

it("A film that came is told with its path", async () => {
  const download = fakeDownloadFile(() => [{ type: "notice", message: "one mirror is slow" }]);
  expect(await firstValueFrom(saveFilm("https://a.example/film", download))).toBe("saved as film.mkv");
  expect(download.calls).toEqual([{ sources: "https://a.example/film", options: { out: "film.mkv" } }]);
});

it("A film for which there is nobody is told with the code", async () => {
  const download = fakeDownloadFile(() => [new DownloadError("NO_PEERS", "nobody has it")]);
  expect(await firstValueFrom(saveFilm("https://a.example/film", download))).toBe("not saved: NO_PEERS");
});
