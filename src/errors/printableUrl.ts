/** A URL as it may be shown: without the user name and password that it may hold. Other text is left as it is. */
export function printableUrl(url: string): string {
  // What is no URL may have a password with any character in it: all before the last @ goes.
  const secrets = URL.canParse(url) ? /^([a-z][a-z0-9+.-]*:[\\/]*)[^\\/?#]*@/i : /^([a-z][a-z0-9+.-]*:[\\/]*).*@/is;
  return url.replace(secrets, "$1");
}
