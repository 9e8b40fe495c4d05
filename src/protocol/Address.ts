/** An address, as text or as a `URL`. */
export type Address = string | URL;

/** The text of an address. */
export function addressText(address: Address): string {
  return address instanceof URL ? address.href : address;
}
