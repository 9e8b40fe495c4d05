import { lastValueFrom } from "rxjs";
import { catalogueFile } from "../../src/adapters/node/catalogueFile.js";
import { aLesson } from "../contracts/catalogueContract.js";

/** Learns the same lesson many times, each time as a process of its own would: through a catalogue that was just opened. */
const path = process.argv[2] ?? "";
for (let left = 10; left > 0; left--) {
  await lastValueFrom(catalogueFile(path).learn(aLesson), { defaultValue: "" });
}
