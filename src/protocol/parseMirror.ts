/**
 * Reads the address of a mirror.
 *
 * @throws TypeError that names it, without its user and password, and says what is wrong with it.
 */
export function parseMirror(text: string): { readonly id: string; readonly url: URL } {
  const shown = JSON.stringify(text.slice(0, 200).replace(/\/\/[^/?#]*@/, "//"));
  if (!URL.canParse(text)) throw new TypeError(`${shown} is no address of a mirror: expected http://host/path`);
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(
      `${shown} is no address of a mirror: its scheme is ${url.protocol}//, expected http:// or https://`,
    );
  }
  const bare = withoutSecrets(url);
  return { id: bare.href, url };
}

/** The address as it is asked for and shown: no user, no password, no fragment. */
export function withoutSecrets(url: URL): URL {
  const bare = new URL(url);
  bare.username = bare.password = bare.hash = "";
  return bare;
}
