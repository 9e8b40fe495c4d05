import type { SchedulerLike, Subscription } from "rxjs";
import type { Answer, OutgoingFrame } from "./Answer.js";
import type { Connection } from "./Connection.js";
import type { ReadAhead } from "./ReadAhead.js";
import type { Flow, UploadPace } from "./UploadPace.js";

export interface OutboxParts {
  readonly connection: Connection;
  /** Address of the client, without its port. */
  readonly host: string;
  readonly readAhead: ReadAhead;
  readonly pace: UploadPace;
  readonly scheduler: SchedulerLike;
  /** Called when an answer's last frame was taken, after `dispose`. */
  readonly onFinished: (answer: Answer) => void;
  readonly onBroken: (error: unknown) => void;
}

/**
 * Decides what a connection sends next. One frame is under way at a time; the next is chosen when the transport has room
 * again, so a slow reader holds at most one frame here besides what is read ahead. Short replies go first; then the answers
 * take turns, a frame each, so that a long one delays the others by one frame only.
 */
export class Outbox {
  readonly #parts: OutboxParts;
  readonly #replies: Uint8Array[] = [];
  readonly #notices = new Map<string, () => Uint8Array>();
  readonly #answers: Answer[] = [];
  readonly #flow: Flow;
  #turn = 0;
  #sentAt = 0;
  #sending: Subscription | "now" | undefined;
  /** Frames that the pace holds back, and whose each is. */
  #delayed: OutgoingFrame | undefined;
  #answerAtWork: Answer | undefined;
  #pumping = false;
  #closed = false;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
    this.#flow = { host: parts.host, finish: 0 };
  }

  /** Since when the transport has not taken the message that it was given. */
  get unreadSince(): number | undefined {
    return this.#sending === undefined || this.#delayed !== undefined ? undefined : this.#sentAt;
  }

  get queuedReplies(): number {
    return this.#replies.length;
  }

  /** Sends a short message, before everything that waits. */
  reply(frame: Uint8Array): void {
    this.#replies.push(frame);
    this.pump();
  }

  /** Sends news when there is room; newer news of the same key replaces what still waits. */
  notify(key: string, encode: () => Uint8Array): void {
    this.#notices.set(key, encode);
    this.pump();
  }

  add(answer: Answer): void {
    this.#answers.push(answer);
    this.pump();
  }

  remove(answer: Answer): void {
    const at = this.#answers.indexOf(answer);
    if (at === -1) return;
    this.#answers.splice(at, 1);
    if (at < this.#turn) this.#turn -= 1;
    if (answer === this.#answerAtWork) this.#dropDelayed();
    answer.dispose();
    this.pump();
  }

  close(): void {
    this.#closed = true;
    if (this.#sending !== "now") this.#sending?.unsubscribe();
    for (const answer of this.#answers.splice(0)) answer.dispose();
  }

  /** Reads ahead and sends as long as there is room. Reentrant calls are answered by the loop that already runs. */
  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (!this.#closed && this.#sending === undefined) {
      const next = this.#next();
      if (next === undefined) break;
      this.#send(next);
    }
    // Reading goes on while a frame is under way.
    if (!this.#closed) this.#fill();
    this.#pumping = false;
  }

  #next(): OutgoingFrame | undefined {
    this.#answerAtWork = undefined;
    const reply = this.#replies.shift();
    if (reply !== undefined) return { frame: reply };
    for (const [key, encode] of this.#notices) {
      this.#notices.delete(key);
      return { frame: encode() };
    }
    this.#fill();
    for (let tried = 0; tried < this.#answers.length; tried += 1) {
      const at = (this.#turn + tried) % this.#answers.length;
      const answer = this.#answers[at];
      const frame = answer?.next();
      if (answer === undefined || frame === undefined) continue;
      this.#turn = at + 1;
      this.#answerAtWork = answer;
      if (answer.finished) this.#finish(answer, at);
      return frame;
    }
    return undefined;
  }

  /** Room to read ahead is scarce, so it is given in the order of the turns as well. */
  #fill(): void {
    const count = this.#answers.length;
    for (let at = 0; at < count; at += 1) this.#answers[(this.#turn + at) % count]?.fill();
  }

  #finish(answer: Answer, at: number): void {
    this.#answers.splice(at, 1);
    this.#turn = at;
    answer.dispose();
    this.#parts.onFinished(answer);
  }

  #send(next: OutgoingFrame): void {
    if (next.payload === undefined) {
      this.#sendNow(next);
      return;
    }
    this.#delayed = next;
    this.#sending = "now";
    const turn = this.#parts.pace.enter(this.#flow, next.payload.length, () => {
      this.#delayed = undefined;
      this.#sendNow(next);
      this.pump();
    });
    if (this.#delayed === next) this.#sending = turn;
  }

  /** Drops a frame that nobody wants any more, and that was not sent yet. */
  #dropDelayed(): void {
    if (this.#delayed === undefined || this.#sending === "now") return;
    this.#sending?.unsubscribe();
    this.#sending = undefined;
    this.#parts.readAhead.release(this.#delayed.payload?.length ?? 0);
    this.#delayed = undefined;
  }

  #sendNow({ frame, payload, onSent, onWritten }: OutgoingFrame): void {
    this.#sending = "now";
    this.#sentAt = this.#parts.scheduler.now();
    onSent?.();
    const subscription = this.#parts.connection.send(frame, payload, onWritten).subscribe({
      error: (error: unknown) => this.#parts.onBroken(error),
      complete: () => {
        this.#sending = undefined;
        this.#parts.readAhead.release(payload?.length ?? 0);
        this.pump();
      },
    });
    if (!subscription.closed) this.#sending = subscription;
  }
}
