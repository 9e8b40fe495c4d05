type Sold = {
  readonly type: "sold";
  /** Its row. */
  readonly row: number;
};
type Events =
  /** Somebody sat down. */
  | { readonly type: "taken"; readonly by?: string }
  | { readonly type: "left" }
  /** The seat has an owner. */
  | ({ readonly price: number } & Sold);
/** One thing that happened to a seat. */
export type SeatEvent = Events & {
  /** Time, ms. */
  readonly at: number;
};
