/** @throws RangeError that names the option, the value it got and the values it takes; NaN is outside every range. */
export function requireBetween(name: string, value: number, low: number, high: number): void {
  if (typeof value === "number" && value >= low && value <= high) return;
  throw new RangeError(`${name} is ${String(value)}, expected a number from ${low} to ${high}`);
}
