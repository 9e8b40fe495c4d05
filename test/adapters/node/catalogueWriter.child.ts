import { lastValueFrom } from "rxjs";
import { catalogueFile } from "../../../src/adapters/node/catalogueFile.js";
import { aDelta } from "../../contracts/catalogueContract.js";

/** Records the same delta many times, each time as a process of its own would: through a catalogue that was just opened. */
const path = process.argv[2] ?? "";
for (let left = 10; left > 0; left--) {
  await lastValueFrom(catalogueFile(path).record(aDelta), { defaultValue: "" });
}
