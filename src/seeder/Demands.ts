import type { SchedulerLike } from "rxjs";
import { Demand } from "./Demand.js";

/** The demand for each file that is shared by clients of a seeder. */
export class Demands {
  readonly #scheduler: SchedulerLike;
  readonly #files = new Map<string, Demand>();

  constructor(scheduler: SchedulerLike) {
    this.#scheduler = scheduler;
  }

  /** The demand for a file, while clients share it. */
  of(root: string): Demand | undefined {
    return this.#files.get(root);
  }

  /** Has a client take part in the demand for a file. */
  enter(root: string): Demand {
    const demand = this.#files.get(root) ?? new Demand(this.#scheduler);
    this.#files.set(root, demand);
    demand.enter();
    return demand;
  }

  /** A client that entered is gone; after the last one nothing is remembered. */
  leave(root: string): void {
    const demand = this.#files.get(root);
    demand?.leave();
    if (demand?.clients === 0) this.#files.delete(root);
  }
}
