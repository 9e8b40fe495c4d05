import { initialState, reduce, type DownloadState } from "../../index.js";
import type { ListEvent, ListTotal } from "../../node.js";
import { FileLabels } from "./FileLabels.js";

/** A file of a list that runs. */
export interface RunningFile {
  readonly label: string;
  readonly state: DownloadState;
}

/** A list at one moment, as the screen shows it. `elapsedMs` counts from its first event. */
export interface ListView {
  readonly running: readonly RunningFile[];
  readonly total: ListTotal | undefined;
  readonly elapsedMs: number;
  readonly isOver: boolean;
}

/** Takes in the events of a list, and tells how it stands. */
export class ListWatch {
  readonly #labels = new FileLabels();
  readonly #running = new Map<number, DownloadState>();
  #total: ListTotal | undefined;
  #startedAt: number | undefined;
  #at = 0;
  #isOver = false;

  take(event: ListEvent): void {
    this.#startedAt ??= event.at;
    this.#at = event.at;
    this.#labels.take(event);
    if (event.type === "file-event")
      this.#running.set(event.file, reduce(this.#running.get(event.file) ?? initialState, event.event));
    if (event.type === "file-ended") this.#running.delete(event.outcome.file);
    if (event.type === "total" || event.type === "list-ended") this.#total = event.total;
    this.#isOver ||= event.type === "list-ended";
  }

  get view(): ListView {
    const running = [...this.#running].map(([file, state]) => ({ label: this.#labels.of(file), state }));
    const elapsedMs = this.#at - (this.#startedAt ?? this.#at);
    return { running, total: this.#total, elapsedMs, isOver: this.#isOver };
  }
}
