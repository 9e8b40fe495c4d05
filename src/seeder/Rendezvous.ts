import { DownloadError } from "../errors/DownloadError.js";
import { randomHex } from "./randomHex.js";
import { sampleOf } from "../protocol/sampleOf.js";
import type { PassedSignal, SentSignal } from "../protocol/signals.js";

/** One client of those who want to reach each other. */
export interface Member {
  /** Name that the seeder gave it for this connection. */
  readonly id: string;
  /** Passes a signal on to it; `false` when it takes no message of that size, or leaves too many unread. */
  readonly hear: (signal: PassedSignal) => boolean;
  /** Takes in which others that serve a file have come and gone. */
  readonly news: (root: string, change: { readonly joined?: string; readonly left?: string }) => void;
}

interface Presence {
  readonly member: Member;
  readonly serves: boolean;
  /** Others that it was told of, or has heard of by a signal: their going is news for it. */
  readonly knows: Set<string>;
}

/** Others that a client is told of at a time, for each file. */
const mostKnown = 32;

/**
 * The clients of a seeder who reach each other by WebRTC, by the file that they want or serve. Signals are passed on between two of one file; nothing of
 * them is kept, read or believed.
 */
export class Rendezvous {
  readonly #files = new Map<string, Map<string, Presence>>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** A name for one connection. */
  newId(): string {
    return randomHex(16, this.#random);
  }

  /** Adds a client to those of a file, and tells it of those that serve the file, and them of it when it does. */
  join(root: string, member: Member, serves: boolean): void {
    const all = this.#files.get(root) ?? new Map<string, Presence>();
    const others = [...all.values()];
    const newcomer: Presence = { member, serves, knows: new Set() };
    // Before anybody is told of anybody: whoever leaves because of that news leaves as anybody does.
    this.#files.set(root, all.set(member.id, newcomer));
    const serving = others.filter((each) => each.serves);
    for (const other of sampleOf(serving, mostKnown, this.#random)) this.#introduce(newcomer, other, root);
    if (serves) for (const other of others) this.#introduce(other, newcomer, root);
  }

  #introduce(to: Presence, other: Presence, root: string): void {
    const isHere = (each: Presence): boolean => this.#files.get(root)?.get(each.member.id) === each;
    if (to.knows.size >= mostKnown || to.knows.has(other.member.id) || !isHere(to) || !isHere(other)) return;
    to.knows.add(other.member.id);
    to.member.news(root, { joined: other.member.id });
  }

  /** Takes a client out everywhere, which all hear who know of it. */
  leave({ id }: Member): void {
    for (const [root, members] of this.#files) {
      if (!members.delete(id)) continue;
      if (members.size === 0) this.#files.delete(root);
      for (const { member, knows } of members.values()) if (knows.delete(id)) member.news(root, { left: id });
    }
  }

  /**
   * Passes a signal on.
   *
   * @throws DownloadError `PEER_UNAVAILABLE` when nobody of that name is there for the file, or it takes no such message, or none now.
   */
  pass(sender: Member, { to, ...signal }: SentSignal): void {
    const members = this.#files.get(signal.root);
    const [from, receiver] = [members?.get(sender.id), members?.get(to)];
    if (from === undefined || receiver === undefined || from === receiver) throw gone(to);
    from.knows.add(to);
    receiver.knows.add(sender.id);
    if (!receiver.member.hear({ ...signal, from: sender.id })) throw gone(to);
  }
}

function gone(id: string): DownloadError {
  return new DownloadError("PEER_UNAVAILABLE", `no client ${id} is here for that file`);
}
