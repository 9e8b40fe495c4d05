import { fstatSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { type Observable, ReplaySubject } from "rxjs";
import { systemWords } from "../command.js";
import { exitCodes } from "./exitCodes.js";
import { say } from "./say.js";

const descriptor = 1;
const failures = new ReplaySubject<unknown>(1);
let ended = false;

/**
 * Stdout: everything that the command prints goes through here. When it cannot be written, stderr says so, once, and the process, whatever
 * else it did well, ends with exit code 7. A reader that has gone (EPIPE) wanted no more: that is no failure, and the work goes on.
 */
export const output: Writable = watched(fstatSync(descriptor).isFile() ? wholeWrites() : process.stdout);

/** Emits when something could not be written, also to those who come later. */
export const outputFailed: Observable<unknown> = failures;

/** Writes a text; resolves with whether that did not fail. */
export function print(text: string): Promise<boolean> {
  return new Promise((resolve) => {
    output.write(text, (error) => resolve(error === null || error === undefined || isGone(error)));
  });
}

/**
 * Node's own stream writes to a file once, and takes the part that a full disk had room for to be all (Node 20.20, `SyncWriteStream`:
 * findings/node-stdout-short-write.sh).
 */
function wholeWrites(): Writable {
  return new Writable({
    write(bytes: Buffer, _encoding, done) {
      try {
        for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function watched(stream: Writable): Writable {
  return stream.on("error", (error) => {
    // Failures after the first are its consequence.
    if (ended) return;
    ended = true;
    if (isGone(error)) return;
    say(`cannot write to stdout: ${systemWords(error)}`);
    process.on("exit", (code) => {
      if (code === exitCodes.done) process.exitCode = exitCodes.localDisk;
    });
    failures.next(error);
  });
}

function isGone(error: Error): boolean {
  return (error as NodeJS.ErrnoException).code === "EPIPE";
}
