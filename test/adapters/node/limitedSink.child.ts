import { firstValueFrom, ignoreElements, lastValueFrom, type Observable } from "rxjs";
import { FileSink } from "../../../src/adapters/node/FileSink.js";
import { DownloadError } from "../../../src/errors/DownloadError.js";

/** Writes where the process's limit of file size forbids it, and prints what each step said. */
const [path = "", mebibytes = ""] = process.argv.slice(2);
const farOut = 8 * 2 ** 20;

const outcome = (work: Observable<unknown>) =>
  lastValueFrom(work.pipe(ignoreElements()), { defaultValue: "ok" }).catch((error: unknown) =>
    error instanceof DownloadError ? `${error.code}: ${error.message}` : String(error),
  );

const sink = new FileSink(path);
await firstValueFrom(sink.open(Number(mebibytes) * 2 ** 20));
const write = await outcome(sink.write(farOut, Buffer.from("x")));
const laterSync = await outcome(sink.sync());
sink.write(farOut, Buffer.from("x")).subscribe().unsubscribe();
const syncAfterUnheard = await outcome(sink.sync());
const syncAfterThat = await outcome(sink.sync());
await outcome(sink.close());
console.log(JSON.stringify({ write, laterSync, syncAfterUnheard, syncAfterThat }));
