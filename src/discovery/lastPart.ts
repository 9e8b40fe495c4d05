/** The last part of an address's path, without its escapes where these can be read: what a file that is there is likely called. */
export function lastPart(url: string): string {
  if (!URL.canParse(url)) return "";
  const { pathname } = new URL(url);
  const last = pathname.slice(pathname.lastIndexOf("/") + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
