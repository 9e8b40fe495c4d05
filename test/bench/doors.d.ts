/** A row. */
interface Row {
  readonly number: number;
}
interface Cellar {
  readonly depth: number;
}
/** A seat. */
export declare class Seat {
  #private;
  private readonly cellar: Cellar;
  constructor(row: Row);
  /** Where it stands. */
  readonly row: Row;
}
declare function take(seat: Seat): Row;
declare function take(seats: readonly Seat[]): readonly Row[];
export { take as renamed };
export declare const limit: 3;
