/** How far an address reaches: this machine alone, a private network, or the public one. */
export type Scope = "machine" | "network" | "public";

/** The IP address at the other end of a connection, as this end sees it. */
export interface RemoteAddress {
  /** Without brackets. */
  readonly address: string;
  readonly scope: Scope;
}

const width = { machine: 0, network: 1, public: 2 } as const;

/**
 * Tells whether an address of one scope is of use to somebody of another, as far as their scopes say. An address of a machine or of a private network means
 * another thing to whoever is out of it, so it is neither told to them nor believed from them.
 */
export function isOfUse(address: Scope, somebody: Scope): boolean {
  return width[address] >= width[somebody];
}
