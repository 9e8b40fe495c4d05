import { byHost } from "./byHost.js";

/** Bearer tokens by the host they were given for: `host` or `host:port`. */
export type Tokens = Readonly<Record<string, string>>;

/** Tells whether a token can be brought in a header. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

/**
 * The token for a host, which is told as `host:port`; the name `host:port` goes before `host`. No other host ever gets it.
 *
 * @throws TypeError when the token could not be put in a header; the message does not show it.
 */
export function findToken(tokens: Tokens, { host }: { readonly host: string }): string | undefined {
  const token = byHost(tokens, host);
  if (token !== undefined && !isToken(token)) {
    throw new TypeError(
      `the token for ${host} holds a space, a line break or a character that is not ASCII, or is empty`,
    );
  }
  return token;
}
