import { describe, expect, it } from "vitest";
import { DownloadError } from "../../../src/errors/DownloadError.js";
import type { RtcSignal } from "../../../src/adapters/webrtc/RtcEngine.js";
import { WebSocketPeer } from "../../../src/adapters/websocket/WebSocketPeer.js";
import { encodeMessage } from "../../../src/protocol/codec.js";
import type { ServerMessage } from "../../../src/protocol/messages.js";
import type { RtcPeers } from "../../../src/protocol/signals.js";
import { meetingAt, root } from "./ScriptedSeeder.js";

const bob = "b0b0000000000000";
const carol = "ca401000000000ab";
const peers = (joined: string[], left: string[] = []): RtcPeers => ({ type: "rtc-peers", root, joined, left });
const lost = new DownloadError("CONNECTION_LOST", "gone");

describe("a meeting at a seeder", () => {
  it("A meeting says for which file it is there, and whether others may come", () => {
    expect(meetingAt().said.at(-1)).toEqual({ type: "rtc-join", id: 0, root, serves: false });
    expect(meetingAt({ serves: true }).said.at(-1)).toMatchObject({ serves: true });
  });

  it("A meeting knows who is there, and tells of each change", () => {
    const { meeting, say } = meetingAt();
    const seen: (readonly string[])[] = [];
    meeting.changes.subscribe(() => seen.push(meeting.others));
    say(peers([bob, carol]));
    say(peers([], [bob]));
    expect(seen).toEqual([[bob, carol], [carol]]);
  });

  it("A meeting remembers 1,024 others at a seeder that tells of more and more", () => {
    const { meeting, say } = meetingAt();
    const nameOf = (at: number): string => at.toString(16).padStart(16, "0");
    for (let at = 0; at < 4096; at += 32) say(peers(Array.from({ length: 32 }, (_, n) => nameOf(at + n))));
    expect(meeting.others).toHaveLength(1024);
    say(peers([bob], [nameOf(0)]));
    expect(meeting.others).not.toContain(nameOf(0));
    say(peers([bob]));
    expect(meeting.others).toContain(bob);
  });

  it("A call is an offer by way of the seeder, and takes the signals of whom it called alone", () => {
    const { say, said, ends, call } = meetingAt();
    say(peers([bob]));
    const { heard } = call(bob);
    const offer = said.at(-1);
    expect(offer).toMatchObject({ type: "rtc-offer", to: bob, root, sdp: "v=0" });
    const id = offer?.type === "rtc-offer" ? offer.id : 0;
    say({ type: "rtc-answer", id, root, from: carol, sdp: "evil" });
    say({ type: "rtc-answer", id: id + 1, root, from: bob, sdp: "other" });
    say({ type: "rtc-answer", id, root, from: bob, sdp: "good" });
    expect(ends[0]?.taken).toEqual([{ type: "rtc-answer", sdp: "good" }]);
    ends[0]?.open();
    expect(heard.wire).toBeDefined();
  });

  it("A call that the seeder refuses fails at once, for the seeder's reason", () => {
    const { say, said, ends, call } = meetingAt();
    say(peers([bob]));
    const { heard } = call(bob);
    const offer = said.at(-1);
    const id = offer?.type === "rtc-offer" ? offer.id : 0;
    say({ type: "error", id, code: "RATE_LIMITED", message: "too many", retryAfterMs: 1000 });
    expect(heard.error).toMatchObject({ code: "RATE_LIMITED", retryAfterMs: 1000, peer: `rtc:${bob}` });
    expect(ends[0]?.isClosed).toBe(true);
  });

  it("A call to somebody who is not there fails at once", () => {
    expect(meetingAt().call(bob).heard.error?.code).toBe("CONNECTION_LOST");
  });

  it("Calls end at once with one who is gone, as the seeder says, on both sides", () => {
    const { say, ends, call, served } = meetingAt({ serves: true });
    say(peers([bob]));
    const { heard } = call(bob);
    ends[0]?.open();
    say({ type: "rtc-offer", id: 4, root, from: bob, sdp: "v=0" });
    ends[1]?.open();
    const ended: string[] = [];
    served[0]?.frames.subscribe({ complete: () => ended.push("served") });
    say(peers([], [bob]));
    expect(heard.error?.code).toBe("CONNECTION_LOST");
    expect(ended).toEqual(["served"]);
    expect(ends.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  it("A lost seeder ends calls that are not open and keeps the others, until these end", () => {
    const { meeting, say, ends, call, dials } = meetingAt();
    say(peers([bob, carol]));
    const [open, pending] = [call(bob), call(carol)];
    const ear = ends[0]?.open();
    dials[0]?.error(lost);
    expect([open.heard.error, pending.heard.error?.code]).toEqual([undefined, "CONNECTION_LOST"]);
    expect(meeting.others).toEqual([bob]);
    ear?.closed();
    open.hangUp();
    expect(meeting.others).toEqual([]);
  });

  it("An idle channel is closed while its seeder is there, and kept while it is away, until it can be called anew", () => {
    const hello: ServerMessage = {
      type: "hello",
      version: 1,
      limits: { frameBytes: 65_536, requests: 16 },
      features: ["rtc"],
    };
    const opened = () => {
      const at = meetingAt({ isSilent: true, serves: true });
      at.say(hello);
      at.say(peers([bob]));
      const link = { url: `rtc:${bob}/${root}`, id: `rtc:${bob}`, host: bob, root };
      const peer = new WebSocketPeer(link, { dial: at.meeting.dialTo(bob), scheduler: at.scheduler });
      peer.greet().subscribe();
      at.ends[0]?.open().message(encodeMessage(hello));
      at.say({ type: "rtc-offer", id: 4, root, from: bob, sdp: "v=0" });
      at.ends[1]?.open();
      return { ...at, peer };
    };
    const there = opened();
    expect(there.served[0]?.isLast).toBe(false);
    there.passMs(30_000);
    expect(there.ends[0]?.isClosed).toBe(true);

    const away = opened();
    away.dials[0]?.error(lost);
    expect(away.served[0]?.isLast).toBe(true);
    away.passMs(600_000);
    expect(away.ends.map(({ isClosed }) => isClosed)).toEqual([false, false]);
    for (let ms = 0; ms < 120_000 && away.dials.at(-1)?.observed !== true; ms += 1000) away.passMs(1000);
    away.say(hello);
    away.passMs(30_000);
    expect(away.ends.map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it("A call that cannot be says why: its seeder is not reached, or says that the other is gone", () => {
    const { say, dials, call } = meetingAt({ isSilent: false });
    expect(call(bob).heard.error?.message).toMatch(/is gone, as the seeder says/);
    say(peers([bob]));
    const pending = call(bob);
    dials[0]?.error(lost);
    for (const { heard } of [pending, call(bob)]) expect(heard.error?.message).toMatch(/the seeder .* is not reached/);
  });

  it("A lost seeder is dialled again, after a longer wait each time that it has no greeting", () => {
    const { dials, passMs } = meetingAt({ isSilent: true });
    const after: number[] = [];
    for (let ms = 0; ms < 40_000; ms += 1000) {
      if (dials.length > after.length) after.push(ms);
      if (dials.at(-1)?.observed) dials.at(-1)?.error(lost);
      passMs(1000);
    }
    expect(after).toEqual([0, 1000, 3000, 7000, 15_000, 31_000]);
  });

  it("A seeder that does not know the feature is left for good", () => {
    const { dials, said, passMs } = meetingAt({ hello: [] });
    passMs(600_000);
    expect(dials).toHaveLength(1);
    expect(said.map(({ type }) => type)).toEqual(["hello"]);
  });

  it("An offer is answered by who serves, and by nobody else", () => {
    const offer = { type: "rtc-offer", id: 4, root, from: bob, sdp: "v=0" } as const;
    const asking = meetingAt();
    asking.say(offer);
    expect(asking.ends).toEqual([]);
    const serving = meetingAt({ serves: true });
    serving.say(offer);
    serving.say({ ...offer, root: "cd".repeat(32), id: 5 });
    expect(serving.ends).toHaveLength(1);
    serving.ends[0]?.open();
    expect(serving.served.map(({ address }) => address)).toEqual([`rtc:${bob}`]);
  });

  it("An offer for which the platform makes no connection is left, and the next one is answered", () => {
    let refusals = 1;
    const taken: RtcSignal[] = [];
    const { say } = meetingAt({
      serves: true,
      engine: () => {
        if (refusals-- > 0) throw new DownloadError("CONNECTION_LOST", "the browser makes no connection");
        return { offer: () => undefined, take: (signal) => void taken.push(signal), close: () => undefined };
      },
    });
    for (const id of [1, 2]) say({ type: "rtc-offer", id, root, from: bob, sdp: `v=${id}` });
    expect(taken).toEqual([{ type: "rtc-offer", sdp: "v=2" }]);
  });

  it("An offer whose end never comes is given up after ten seconds, and 32 are answered at a time", () => {
    const { say, ends, passMs } = meetingAt({ serves: true });
    for (let id = 1; id <= 40; id += 1) say({ type: "rtc-offer", id, root, from: bob, sdp: "v=0" });
    expect(ends).toHaveLength(32);
    passMs(10_000);
    expect(ends.every(({ isClosed }) => isClosed)).toBe(true);
  });

  it("Candidates are taken where they may be asked alone, wherever they stand, and 64 of one end", () => {
    const { say, said, ends, call } = meetingAt({ mayAsk: (address) => address !== "10.0.0.1" });
    say(peers([bob]));
    call(bob);
    const offer = said.at(-1);
    const id = offer?.type === "rtc-offer" ? offer.id : 0;
    const candidate = (address: string): string => `candidate:1 1 UDP 2114977791 ${address} 9 typ host`;
    const sdp = ["v=0", `a=${candidate("10.0.0.1")}`, `a=${candidate("192.0.2.1")}`, ""].join("\r\n");
    say({ type: "rtc-answer", id, root, from: bob, sdp });
    for (const address of ["10.0.0.1", ...Array.from({ length: 70 }, () => "192.0.2.2")]) {
      say({ type: "rtc-candidate", id, root, from: bob, candidate: candidate(address), mid: "0" });
    }
    const [answer, ...candidates] = ends[0]?.taken ?? [];
    expect(answer).toMatchObject({ sdp: ["v=0", `a=${candidate("192.0.2.1")}`, ""].join("\r\n") });
    expect(candidates).toHaveLength(61);
    expect(JSON.stringify(candidates)).not.toContain("10.0.0.1");
  });

  it("A meeting that is closed ends all its calls, and dials no more", () => {
    const { meeting, say, ends, call, dials, passMs } = meetingAt();
    say(peers([bob]));
    const { heard } = call(bob);
    meeting.close();
    passMs(600_000);
    expect([heard.error?.code, ends[0]?.isClosed, dials.length]).toEqual(["CONNECTION_LOST", true, 1]);
  });
});
