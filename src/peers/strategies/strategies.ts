import { balanced } from "./balanced.js";
import { fastest } from "./fastest.js";
import { loadBalanced } from "./loadBalanced.js";
import { mostReliable } from "./mostReliable.js";
import type { RankingStrategy } from "./RankingStrategy.js";
import { thompson } from "./thompson.js";

/** Who is asked first, by name. */
const strategies = {
  balanced,
  fastest,
  "most-reliable": mostReliable,
  "load-balanced": loadBalanced,
  thompson,
} as const satisfies Record<string, RankingStrategy>;

export type StrategyName = keyof typeof strategies;

export const strategyNames = Object.keys(strategies) as readonly StrategyName[];

/**
 * The strategy of that name, or the function itself.
 *
 * @throws TypeError that names the value and what would be right.
 */
export function strategyOf(given: StrategyName | RankingStrategy): RankingStrategy {
  if (typeof given === "function") return given;
  if (typeof given === "string" && Object.hasOwn(strategies, given)) return strategies[given];
  const names = strategyNames.map((name) => `"${name}"`).join(", ");
  throw new TypeError(`strategy is ${JSON.stringify(given)}; it must be ${names} or a function`);
}
