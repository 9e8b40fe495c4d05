import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of the bench: tells steps by messages, and its CPU time when asked. */
export class Child {
  readonly #process: ChildProcess;

  constructor(script: string, ...words: readonly string[]) {
    this.#process = fork(fileURLToPath(new URL(script, import.meta.url)), words);
  }

  /** Passes messages of this kind on to another one. */
  passOn(type: string, to: Child): void {
    this.#process.on("message", (message: { readonly type: string }) => {
      if (message.type === type) to.#process.send(message);
    });
  }

  tell(type: string): void {
    this.#process.send({ type });
  }

  /** The next message of the kind; errors when the process ends before. */
  async said<T extends object>(type: string): Promise<T> {
    const ended = once(this.#process, "exit").then(([code]) => {
      throw new Error(`${type} was awaited of a process that ended with ${String(code)}`);
    });
    ended.catch(() => undefined);
    for (;;) {
      const [message] = (await Promise.race([once(this.#process, "message"), ended])) as [
        T & { readonly type: string },
      ];
      if (message.type === type) return message;
    }
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
