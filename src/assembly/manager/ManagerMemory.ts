import { defer, type Observable } from "rxjs";
import { type ManagerRecord, recordVersion } from "../../control/ManagerRecord.js";
import type { ManagerSettings } from "../../control/ManagerSettings.js";
import type { ManagerStore } from "../../control/ManagerStore.js";
import { DayBook } from "./DayBook.js";
import { ManagedDownloads } from "./ManagedDownloads.js";
import { Saving } from "./Saving.js";

/** Memory of a manager, and the saving of it. */
export class ManagerMemory {
  readonly #saving: Saving;
  readonly #now: () => number;
  readonly #defaults: ManagerSettings;
  #nextId = 1;
  downloads = new ManagedDownloads([]);
  days: DayBook;
  settings: ManagerSettings;

  constructor(store: ManagerStore, defaults: ManagerSettings, now: () => number) {
    this.#saving = new Saving(() => defer(() => store.save(this.#record())));
    this.#now = now;
    this.#defaults = defaults;
    this.settings = defaults;
    this.days = new DayBook([], now);
  }

  /** Number of a new download; never given twice. */
  nextId(): number {
    return this.#nextId++;
  }

  restore(record: ManagerRecord | undefined): void {
    this.#nextId = record?.nextId ?? 1;
    this.settings = record?.settings ?? this.#defaults;
    this.days = new DayBook(record?.days ?? [], this.#now);
    this.downloads = new ManagedDownloads(record?.downloads ?? []);
  }

  /** Completes when all changes by the subscription are saved. Errors with `LOCAL_IO`. */
  saved(): Observable<never> {
    return this.#saving.saved();
  }

  #record(): ManagerRecord {
    const { settings, days, downloads } = this;
    return {
      version: recordVersion,
      nextId: this.#nextId,
      settings,
      downloads: [...downloads.records],
      days: [...days.days],
    };
  }
}
