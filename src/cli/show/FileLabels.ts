import type { ListEvent } from "../../node.js";
import { fileLabel } from "./fileLabel.js";

/** Labels of the files of a list that have not ended, as its events tell. */
export class FileLabels {
  readonly #labels = new Map<number, string>();

  take(event: ListEvent): void {
    if (event.type === "file-waiting") this.#labels.set(event.file, fileLabel(event));
    if (event.type === "file-event" && event.event.type === "download-started")
      this.#labels.set(event.file, event.event.manifest.name);
    if (event.type === "file-ended") this.#labels.delete(event.outcome.file);
  }

  of(file: number): string {
    return this.#labels.get(file) ?? fileLabel({ file });
  }
}
