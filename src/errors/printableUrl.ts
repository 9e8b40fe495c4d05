/** A URL as it may be shown: without the user name and password that it may hold. Other text is left as it is. */
export function printableUrl(url: string): string {
  const [scheme = ""] = /^[a-z][a-z0-9+.-]*:[\\/]*/i.exec(url) ?? [];
  if (scheme === "") return url;
  const rest = url.slice(scheme.length);
  // Text that is no URL may have a password with any character in it: all before the last @ goes.
  const [authority = rest] = URL.canParse(url) ? (/^[^\\/?#]*/.exec(rest) ?? []) : [];
  return scheme + rest.slice(authority.lastIndexOf("@") + 1);
}
