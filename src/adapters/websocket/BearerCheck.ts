import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { bearerSubprotocolPrefix } from "../../protocol/protocol.js";

/** Tells whether a handshake brings the right token, in time that does not depend on how much of it is right. */
export class BearerCheck {
  readonly #digest: Buffer;

  constructor(token: string) {
    this.#digest = sha256(token);
  }

  passes(request: IncomingMessage, offered: readonly string[]): boolean {
    const tokens = [fromHeader(request.headers.authorization), ...offered.map(fromSubprotocol)];
    return tokens.some((token) => token !== undefined && this.isToken(token));
  }

  isToken(text: string): boolean {
    // Digests have one length, which comparing in constant time needs.
    return timingSafeEqual(sha256(text), this.#digest);
  }
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function fromHeader(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? "")?.[1];
}

function fromSubprotocol(name: string): string | undefined {
  if (!name.startsWith(bearerSubprotocolPrefix)) return undefined;
  return Buffer.from(name.slice(bearerSubprotocolPrefix.length), "base64url").toString();
}
