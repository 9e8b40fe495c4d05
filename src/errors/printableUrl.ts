/** A URL as it may be shown: without the user name and password that it may hold. Other text is left as it is. */
export function printableUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:[\\/]*)[^\\/?#]*@/i, "$1");
}
