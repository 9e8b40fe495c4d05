import type { Command } from "commander";
import type { ListEvent } from "../node.js";
import type { Asked } from "./options/Asked.js";
import { getGroups } from "./options/getRows.js";
import { idleOptions } from "./options/OptionRow.js";

const rows = getGroups.flatMap((group) => group.rows);

/** The options of `get` that were typed and cannot matter: each is told of once, as soon as that is known; of some it is when all files are. */
export class IdleOptions {
  readonly #command: Command;
  readonly #say: (text: string) => void;
  readonly #told = new Set<string>();
  readonly #started = new Set<number>();
  #asked: Asked | undefined;
  #hasSeeder = false;
  #files = 0;

  constructor(command: Command, say: (text: string) => void) {
    this.#command = command;
    this.#say = say;
  }

  /** Tells what the words alone show. */
  tell(asked: Asked): void {
    this.#asked = asked;
    for (const line of idleOptions(this.#command, rows, asked)) {
      if (!this.#told.has(line)) this.#say(line);
      this.#told.add(line);
    }
  }

  take(event: ListEvent): void {
    if (event.type === "list-ended") this.#files = event.outcomes.length;
    if (event.type !== "file-event") return;
    const told = event.event;
    if (told.type === "download-started") this.#started.add(event.file);
    if (told.type === "peer-joined" && !/^https?:/i.test(told.peer)) this.#hasSeeder = true;
  }

  /** Tells what the files show, when they have ended; of one that never was known nothing is. */
  tellWhatCame(): void {
    if (this.#asked === undefined || this.#files === 0 || this.#started.size < this.#files) return;
    const { files, seeders, ...others } = this.#asked;
    this.tell({ ...others, files: files && this.#files > 1, seeders: seeders && this.#hasSeeder });
  }
}
