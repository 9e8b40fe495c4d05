import { type ChildProcess, fork } from "node:child_process";
import { on } from "node:events";
import { fileURLToPath } from "node:url";

interface Message {
  readonly type: string;
}

/** A step that takes longer has failed, ms. */
const longestStepMs = 120_000;

/** A process of the bench: tells steps by messages, and its CPU time when asked. */
export class Child {
  readonly #name: string;
  readonly #process: ChildProcess;

  constructor(script: string, ...words: readonly string[]) {
    this.#name = `${script} ${words[0] ?? ""}`;
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), words);
  }

  /** Passes messages of this kind on to another one. */
  passOn(type: string, to: Child): void {
    this.#process.on("message", (message: Message) => {
      if (message.type === type) to.#process.send(message);
    });
  }

  tell(type: string): void {
    this.#process.send({ type });
  }

  /** The next message of the kind; errors when the process ends before, or does not say it in time. */
  async said<T extends object>(type: string): Promise<T> {
    const over = AbortSignal.timeout(longestStepMs);
    const messages = on(this.#process, "message", { close: ["exit"], signal: over });
    try {
      for await (const [message] of messages as AsyncIterable<[T & Message]>) if (message.type === type) return message;
    } catch (cause) {
      throw new Error(`${this.#name} did not say ${type} within ${longestStepMs} ms`, { cause });
    }
    throw new Error(`${this.#name} ended before it said ${type}`);
  }

  /** CPU time so far, s. */
  async cpuSeconds(): Promise<number> {
    const answer = this.said<{ readonly cpuSeconds: number }>("cpu");
    this.tell("cpu");
    return (await answer).cpuSeconds;
  }

  stop(): void {
    this.#process.kill();
  }
}
