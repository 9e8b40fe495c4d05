import { firstValueFrom, NEVER, Observable, of, ReplaySubject, Subject } from "rxjs";
import { expect, it } from "vitest";
import type { RtcEngine } from "../../src/adapters/webrtc/RtcEngine.js";
import { rtcSource } from "../../src/assembly/rtcSource.js";

const link = `ws://127.0.0.1:7000/${"ab".repeat(32)}`;
const nobody: RtcEngine = () => {
  throw new Error("nobody is called");
};

/** The seeders that are dialled by a run which ends at once, and the end of the serving. */
function endedAtOnce(serves: boolean) {
  const dialled = new ReplaySubject<string>(1);
  const hungUp = new Subject<void>();
  const [closeWhen, leaveWhen] = [new Subject<void>(), new Subject<void>()];
  const source = rtcSource(true, {
    dial: ({ url }) => {
      dialled.next(url);
      return new Observable(() => () => hungUp.next());
    },
    mayAsk: () => true,
    serve: serves ? () => undefined : undefined,
    paused: NEVER,
    engine: () => Promise.resolve(of(nobody)),
    tokens: undefined,
    leaveWhen: serves ? leaveWhen : undefined,
  });
  const run = source?.(of([link]), { publicOnly: () => false, closeWhen }).subscribe();
  closeWhen.next();
  run?.unsubscribe();
  return { dialled, hungUp, leaveWhen };
}

it("A run that serves and is over before the code of WebRTC is there is met at its seeders all the same, until it serves no more", async () => {
  const { dialled, hungUp, leaveWhen } = endedAtOnce(true);
  expect(await firstValueFrom(dialled)).toBe(link);
  const gone = firstValueFrom(hungUp);
  leaveWhen.next();
  await gone;
});

it("A run that serves nobody and is over meets nobody", async () => {
  const { dialled } = endedAtOnce(false);
  await import("../../src/adapters/webrtc/rtcPeers.js");
  await Promise.resolve();
  dialled.complete();
  await expect(firstValueFrom(dialled, { defaultValue: "nobody" })).resolves.toBe("nobody");
});
