import { isIPv4 } from "node:net";
import { asyncScheduler, type SchedulerLike } from "rxjs";
import { checkOptions, type OptionShapes } from "../../../operators/checkOptions.js";
import { aScheduler } from "../../../operators/optionShapes.js";

/** How a local network is asked and told. */
export interface LanOptions {
  /** IPv4 address of this machine in the network that is meant. @default all of its networks */
  readonly interface?: string | undefined;
  /** UDP port; another one than that of all others finds only those who have it, too. @default 5353 */
  readonly port?: number | undefined;
  /** Time between questions. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
}

const shapes: OptionShapes<LanOptions> = {
  interface: {
    must: "an IPv4 address of this machine",
    fits: (value) => typeof value === "string" && isIPv4(value) && value !== "0.0.0.0",
  },
  port: {
    must: "a whole number from 1 to 65535",
    fits: (value) => Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 65_535,
  },
  scheduler: aScheduler,
};

export interface ResolvedLanOptions {
  readonly interface: string | undefined;
  readonly port: number;
  readonly scheduler: SchedulerLike;
}

/** @throws TypeError that names the wrong option. */
export function resolveLanOptions(options: LanOptions): ResolvedLanOptions {
  checkOptions("LanNode", options, shapes);
  const { port = 5353, scheduler = asyncScheduler } = options;
  return { interface: options.interface, port, scheduler };
}
