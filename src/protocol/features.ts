import type { Hello } from "./messages.js";

/** Extensions of the protocol, as a `hello` names them: `peers` is peer exchange, `rtc` is signalling, `asked` is which chunks others come for. */
export type Feature = "peers" | "rtc" | "asked";

/** Tells whether an end named a feature in its `hello`; messages of the feature go to no other end. */
export function hasFeature({ features = [] }: Pick<Hello, "features">, feature: Feature): boolean {
  return features.includes(feature);
}
