import type { Browser } from "playwright-core";

/** A page of a browser that nobody looks into but for what is asked of it here. */
export interface PlainTab {
  /** The value of an expression, which may be a promise. */
  evaluate<T>(expression: string): Promise<T>;
  send<T>(method: string, params?: object): Promise<T>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/**
 * Opens a page beside those of Playwright, which has its pages keep the body of each answer for it: at four milliseconds a mebibyte, and only of those
 * that are not too large, so that whoever reads in parts would seem to be slow.
 */
export async function openPlainTab(browser: Browser, url: string): Promise<PlainTab> {
  const session = await browser.newBrowserCDPSession();
  const { targetId } = await session.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await session.send("Target.attachToTarget", { targetId, flatten: false });
  const waiting = new Map<number, (answer: Answer) => void>();
  const loaded = new Promise<void>((resolve) => {
    session.on("Target.receivedMessageFromTarget", ({ sessionId: from, message }) => {
      if (from !== sessionId) return;
      const answer = JSON.parse(message) as Answer & { readonly method?: string };
      if (answer.method === "Page.loadEventFired") resolve();
      if (answer.id !== undefined) waiting.get(answer.id)?.(answer);
    });
  });
  let asked = 0;
  const send = async <T>(method: string, params: object = {}): Promise<T> => {
    const id = ++asked;
    const answered = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    await session.send("Target.sendMessageToTarget", { sessionId, message: JSON.stringify({ id, method, params }) });
    const { result, error } = await answered;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  await send("Page.enable");
  await send("Page.navigate", { url });
  await loaded;
  return { send, evaluate: (expression) => evaluate(send, expression) };
}

async function evaluate<T>(send: PlainTab["send"], expression: string): Promise<T> {
  const { result, exceptionDetails } = await send<{
    readonly result: { readonly value: T };
    readonly exceptionDetails?: { readonly exception?: { readonly description?: string } };
  }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? "a page has thrown");
  return result.value;
}
