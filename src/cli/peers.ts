import { lastValueFrom, toArray } from "rxjs";
import { cataloguePath } from "../command.js";
import { forgetPeers, knownPeers } from "../node.js";
import { output } from "./output.js";
import { say } from "./say.js";
import { lineWriter } from "./show/lineWriter.js";
import { renderPeers } from "./show/renderPeers.js";
import { wrongValue } from "./UsageError.js";

export interface PeersFlags {
  readonly json?: boolean;
  readonly forget?: string;
}

/** Runs `tributary peers`. */
export async function peers({ json = false, forget }: PeersFlags): Promise<void> {
  if (forget !== undefined) return forgetOne(forget);
  const known = await lastValueFrom(knownPeers().pipe(toArray()));
  const out = lineWriter(output);
  if (json) known.forEach((peer) => out.writeJson(peer));
  else renderPeers(known, cataloguePath(), Date.now()).forEach((line) => out.write(line));
}

async function forgetOne(word: string): Promise<void> {
  const forgotten = await lastValueFrom(forgetPeers(word === "all" ? "all" : { peer: word }));
  if (forgotten === 0 && word !== "all") {
    throw wrongValue("--forget", word, 'all or a peer that "tributary peers" lists');
  }
  say(forgotten === 1 ? "forgot 1 peer" : `forgot ${forgotten} peers`);
}
