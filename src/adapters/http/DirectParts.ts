import { EMPTY } from "rxjs";
import type { Receiver } from "../../peers/Peer.js";
import { bodyLength } from "./bodyLength.js";
import { type AnswerHead, type DirectLane, UnusualAnswer } from "./DirectLane.js";
import { DirectReading } from "./DirectReading.js";
import type { ByteSamples } from "./ByteSamples.js";
import type { HttpAnswer } from "./HttpAnswer.js";
import type { HttpRequest } from "./HttpRequest.js";
import type { MirrorPast } from "./MirrorPast.js";
import type { PartQuestion, Use } from "./Question.js";
import type { MirrorLocations } from "./MirrorLocations.js";
import { MirrorQuestion } from "./MirrorQuestion.js";
import type { Standing } from "./Standing.js";

export interface DirectPartsParts {
  readonly lane: DirectLane;
  readonly locations: MirrorLocations;
  readonly samples: ByteSamples;
  readonly past: MirrorPast;
  readonly standing: Standing;
  readonly request: (url: URL, question: PartQuestion) => HttpRequest;
  /** Asks the question in the ordinary way, with the same arguments and result as `read`. */
  readonly ordinary: (question: PartQuestion, use: Use<Uint8Array>, receiver: Receiver) => () => void;
}

/**
 * The parts of one mirror that come by the direct lane: from the one address that answered last, in the ordinary way and with nobody between, in a manner that
 * is fit for it. An answer that is unusual is asked for again in the ordinary way, and nothing of it was used. The lane ends for this mirror where the server
 * speaks so (another HTTP, chunks, a whole in place of a part), and for the one question where the next answer may be another: a redirect, another version of
 * the file, bytes that have to be compared. Statuses from 400 on end nothing, and interim answers (1xx) are no answers.
 */
export class DirectParts {
  readonly #parts: DirectPartsParts;
  /** The readings under way, with what gives up the request of each. */
  readonly #readings = new Map<DirectReading, () => void>();
  #address: string | undefined;
  #isOver = false;
  #closing: unknown;

  constructor(parts: DirectPartsParts) {
    this.#parts = parts;
  }

  /** True when the parts at an address come by the direct lane; not for what is asked again, which would have to be asked by the ordinary way in the end. */
  isFor({ href }: URL): boolean {
    return !this.#isOver && href === this.#address && !this.#parts.past.isContradicted;
  }

  /** A 206 that came in the ordinary way tells whether the next one may come by this. */
  learn(answer: HttpAnswer): void {
    const { url, isDirect = false } = answer;
    if (isDirect && bodyLength(answer) !== undefined) this.#address = url;
    else if (url === this.#address) this.#address = undefined;
  }

  read(question: PartQuestion, use: Use<Uint8Array>, receiver: Receiver): () => void {
    const { lane, samples, standing, request, ordinary } = this.#parts;
    let asking: MirrorQuestion;
    try {
      asking = new MirrorQuestion(this.#parts, question.range);
    } catch (error) {
      receiver.fail(error);
      return () => undefined;
    }
    let again: (() => void) | undefined;
    const reading = new DirectReading(receiver, {
      begun: (bytes) => {
        asking.heard();
        samples.keepOne(question.range.first, bytes);
      },
      ended: () => {
        asking.left();
        this.#readings.delete(reading);
      },
      failed: (thrown) => {
        const isUnusual = thrown instanceof UnusualAnswer;
        if (isUnusual) this.#isOver ||= thrown.isLasting;
        const isClosed = this.#closing !== undefined;
        const failure = isClosed ? { error: this.#closing } : isUnusual ? undefined : asking.failed(thrown);
        if (failure === undefined) again = ordinary(question, use, receiver);
        else receiver.fail(failure.error);
      },
    });
    const accept = (head: AnswerHead): number => {
      const answer = { ...head, body: EMPTY };
      asking.answered(answer);
      const length = this.#accepted(answer, use);
      standing.begin();
      return length;
    };
    this.#readings.set(reading, () => drop());
    const drop = lane.read({ ...request(asking.address, question), accept }, reading);
    return () => {
      if (reading.giveUp()) drop();
      again?.();
    };
  }

  /** Ends every reading with this error; from then on no part comes by the direct lane. */
  close(error: unknown): void {
    this.#isOver = true;
    this.#closing = error;
    for (const [reading, drop] of [...this.#readings]) {
      drop();
      reading.fail(error);
    }
  }

  /** How many bytes of an answer are to be read; throws what is wrong with it. */
  #accepted(answer: HttpAnswer, use: Use<Uint8Array>): number {
    const { status, url } = answer;
    const { locations, samples } = this.#parts;
    const length = bodyLength(answer);
    // A condition that is refused says nothing of the file.
    if (status < 400 || status === 412) {
      const isLasting = status === 200;
      if (status !== 206) throw new UnusualAnswer(`HTTP ${status}`, isLasting);
      if (length === undefined) throw new UnusualAnswer("a part of untold length", true);
      if (locations.doubts(answer, samples)) throw new UnusualAnswer("a part to compare", false);
    }
    let wrong: unknown;
    try {
      const used = use(answer, locations.known(url));
      if (status !== 206) used.subscribe({ error: (error: unknown) => (wrong = error) });
    } catch (cause) {
      // An answer that contradicts is asked for again.
      throw new UnusualAnswer(`HTTP ${status}`, false, { cause });
    }
    if (wrong !== undefined) throw wrong;
    return length ?? 0;
  }
}
