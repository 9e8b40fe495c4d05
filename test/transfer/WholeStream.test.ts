import { map, type Observable, Subject, tap } from "rxjs";
import { describe, expect, it } from "vitest";
import { DownloadError } from "../../src/errors/DownloadError.js";
import { toDownloadError } from "../../src/errors/toDownloadError.js";
import { WholeStream } from "../../src/transfer/WholeStream.js";
import { bytesOf, textOf } from "./lettersSource.js";

/** A stream into which the test pushes, with what was said to its sender, and what its readers heard. */
function streamed() {
  const sender = new Subject<Uint8Array>();
  const held: boolean[] = [];
  const passed: number[] = [];
  let left = 0;
  const whole = (hold: Observable<boolean>) => {
    hold.subscribe((value) => held.push(value));
    return sender.pipe(tap({ unsubscribe: () => left++ }));
  };
  const stream = new WholeStream({ id: "W", whole }, (bytes) => passed.push(bytes));
  const read = (position: number, length: number) => {
    const heard: string[] = [];
    const subscription = stream
      .read(position, length)
      .pipe(map(textOf))
      .subscribe({
        next: (text) => heard.push(text),
        error: (error: unknown) => heard.push(toDownloadError(error).code),
        complete: () => heard.push("|"),
      });
    return { heard, leave: () => subscription.unsubscribe() };
  };
  const send = (text: string) => sender.next(bytesOf(text));
  return { stream, sender, held, passed, read, send, left: () => left };
}

const mebibyte = 1024 * 1024;

describe("a stream of a whole file", () => {
  it("is held while nobody reads", () => {
    const { held, read, send } = streamed();
    read(0, 2);
    expect(held.at(-1)).toBe(false);
    send("aa");
    expect(held.at(-1)).toBe(true);
    const { leave } = read(2, 2);
    expect(held.at(-1)).toBe(false);
    leave();
    expect(held.at(-1)).toBe(true);
  });

  it("keeps what comes all the same, for whoever reads on", () => {
    const { passed, read, send } = streamed();
    read(0, 1);
    send("abc");
    send("de");
    expect(read(1, 3).heard).toEqual(["bc", "d", "|"]);
    expect(read(4, 1).heard).toEqual(["e", "|"]);
    expect(passed).toEqual([]);
  });

  it("lets go of a sender that does not heed the hold", () => {
    const { stream, read, sender, left } = streamed();
    read(0, 1).leave();
    sender.next(new Uint8Array(4 * mebibyte));
    expect([left(), stream.reaches(0)]).toEqual([0, true]);
    sender.next(new Uint8Array(1));
    expect([left(), stream.reaches(0)]).toEqual([1, false]);
  });

  it("has no such limit while somebody reads", () => {
    const { read, sender, left } = streamed();
    const { heard } = read(0, 9 * mebibyte);
    sender.next(new Uint8Array(9 * mebibyte));
    expect([heard.at(-1), left()]).toEqual(["|", 0]);
  });

  it("reaches what is still to come, not what is gone", () => {
    const { stream, read, send } = streamed();
    read(0, 2);
    send("abcd");
    expect([1, 2, 3, 1000].map((position) => stream.reaches(position))).toEqual([false, true, true, true]);
  });

  it("reaches, once it has ended, what nobody has read yet and nothing else", () => {
    const { stream, sender, read, send } = streamed();
    read(0, 2);
    send("abcd");
    sender.complete();
    expect([1, 2, 3, 4].map((position) => stream.reaches(position))).toEqual([false, true, true, false]);
    expect(read(2, 2).heard).toEqual(["cd", "|"]);
  });

  it("tells of its failure to whoever reads, after all that came before it", () => {
    const { sender, read, send } = streamed();
    const first = read(0, 1);
    send("abc");
    sender.error(new DownloadError("CONNECTION_RESET", "reset"));
    expect(first.heard).toEqual(["a", "|"]);
    expect(read(1, 9).heard).toEqual(["bc", "CONNECTION_RESET"]);
  });

  it("tells nobody of its failure when nobody reads", () => {
    const { stream, sender, read } = streamed();
    const { heard, leave } = read(0, 1);
    leave();
    sender.error(new DownloadError("CONNECTION_RESET", "reset"));
    expect([heard, stream.reaches(0)]).toEqual([[], false]);
  });

  it("ends for a reader who was promised more, as the sender ended it", () => {
    const { sender, read, send } = streamed();
    const { heard } = read(0, 9);
    send("abc");
    sender.complete();
    expect(heard).toEqual(["abc", "|"]);
  });

  it("that is let go forgets what nobody has read", () => {
    const { stream, read, send, left } = streamed();
    read(0, 1);
    send("abc");
    stream.close();
    expect([left(), stream.reaches(1)]).toEqual([1, false]);
  });

  it("has one reader: the next one sends the one before away", () => {
    const { read, send } = streamed();
    const first = read(0, 4);
    send("ab");
    const second = read(2, 2);
    send("cd");
    expect([first.heard, second.heard]).toEqual([
      ["ab", "CONNECTION_LOST"],
      ["cd", "|"],
    ]);
  });

  it("goes on for the next reader while the one before is only about to leave", () => {
    const { held, read, send } = streamed();
    const first = read(0, 4);
    const second = read(0, 2);
    first.leave();
    expect(held.at(-1)).toBe(false);
    send("ab");
    expect(second.heard).toEqual(["ab", "|"]);
  });
});
