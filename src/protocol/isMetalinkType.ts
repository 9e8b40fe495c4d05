/** Tells whether a media type is that of a Metalink document, of version 4 or 3. */
export function isMetalinkType(type = ""): boolean {
  return /^application\/metalink4?\+xml\b/i.test(type.trim());
}
