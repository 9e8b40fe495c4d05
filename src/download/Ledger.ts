import { sumOf } from "../storage/counts.js";
import type { ByteMeter, WasteReason } from "../transfer/TransferParts.js";
import { type Account, addAccounts, type AccountEntry, type AccountSoFar, emptyAccount } from "./Account.js";
import { bookEvent, type Journal } from "./bookEvent.js";
import type { DownloadEvent } from "./DownloadEvent.js";

/** Books every byte and every event of a run. Bytes come by call, many times a chunk; they join the account when somebody asks for it. */
export class Ledger implements ByteMeter {
  /** Scheduler time of the last byte received or chunk verified. */
  lastGainAt = -Infinity;
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #journal: Journal = { troubled: new Map(), givenUp: new Set() };
  readonly #bytesByPeer: Record<string, number> = {};
  readonly #waste: Partial<Record<WasteReason, number>> = {};
  #received = 0;
  #booked: Account;

  constructor(of: Pick<Account, "size" | "integrity" | "checks">, now: () => number) {
    this.#booked = addAccounts(emptyAccount, of);
    this.#now = now;
    this.#startedAt = now();
  }

  get done(): number {
    return this.#booked.done;
  }

  get verified(): number {
    return this.#booked.verified;
  }

  get resumed(): number {
    return this.#booked.resumed;
  }

  get receivedBytes(): number {
    return this.#received;
  }

  /** Received bytes, by peer id, as they grow. */
  get bytesByPeer(): Readonly<Record<string, number>> {
    return this.#bytesByPeer;
  }

  get retryCount(): number {
    return sumOf(this.#booked.retries);
  }

  /** Books that an earlier run left. */
  open(bytes: number, resumes: number): void {
    this.#complete(bytes);
    this.#add({ resumed: bytes, resumes });
  }

  /** A digest has come up by which the file is checked. */
  isCheckedBy(how: Pick<Account, "integrity" | "checks">): void {
    this.#add(how);
  }

  /** The beginning of an unfinished chunk, left by an earlier run. */
  foundOnDisk(bytes: number): void {
    this.#add({ resumed: bytes });
  }

  /** A chunk was complete, and turned out to be wrong on disk. */
  spoilt(bytes: number): void {
    this.#complete(-bytes);
    this.wasted("restart", bytes);
  }

  /** A complete chunk is asked of another peer, because the whole is wrong. */
  contested(bytes: number): void {
    this.#complete(-bytes);
    this.wasted("checksum", bytes);
  }

  /** Takes everything that was complete off the account. */
  forget(): void {
    this.#complete(-this.done);
  }

  /** The file is whole; where the digest of the whole is what proves it, all of it is verified now. */
  completed(): void {
    if (this.#booked.integrity === "file") this.#add({ verified: this.done - this.verified });
  }

  received(peer: string, bytes: number): void {
    this.#received += bytes;
    this.lastGainAt = this.#now();
    this.#bytesByPeer[peer] = (this.#bytesByPeer[peer] ?? 0) + bytes;
  }

  wasted(reason: WasteReason, bytes: number): void {
    if (bytes > 0) this.#waste[reason] = (this.#waste[reason] ?? 0) + bytes;
  }

  book(event: DownloadEvent): void {
    const entry = bookEvent(event, this.#journal);
    if (entry === undefined) return;
    this.#add(entry);
    const isGain = (event.type === "chunk-verified" || event.type === "chunk-stored") && event.resumed !== true;
    if (isGain) this.lastGainAt = event.at;
  }

  account(): Account {
    const bytes = { received: this.#received, bytesByPeer: this.#bytesByPeer, waste: this.#waste };
    return addAccounts(this.#booked, bytes, { elapsedMs: this.#now() - this.#startedAt });
  }

  /** The account as it is told while the download runs. */
  get soFar(): AccountSoFar {
    const { bytesByPeer: _, ...account } = this.account();
    return { ...account, elapsedMs: Math.round(account.elapsedMs) };
  }

  /** Chunks given up and not verified since, in order. */
  get failedChunks(): readonly number[] {
    return [...this.#journal.givenUp].sort((a, b) => a - b);
  }

  /** Counts bytes more, or fewer, as those of complete chunks. */
  #complete(bytes: number): void {
    this.#add({ done: bytes, ...(this.#booked.integrity === "chunks" && { verified: bytes }) });
  }

  #add(entry: AccountEntry): void {
    this.#booked = addAccounts(this.#booked, entry);
  }
}
