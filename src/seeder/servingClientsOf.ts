import type { SourceLookup } from "./ByteSource.js";
import { ServingClients } from "./ServingClients.js";

const known = new WeakMap<SourceLookup, ServingClients>();

/** The clients that serve the files of `sources`, too: one memory for all seeders of the same sources, and for the downloads that share their files there. */
export function servingClientsOf(sources: SourceLookup): ServingClients {
  const clients = known.get(sources) ?? new ServingClients();
  known.set(sources, clients);
  return clients;
}
