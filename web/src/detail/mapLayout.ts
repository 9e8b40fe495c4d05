/** Cells of a chunk map: so many in a row, each a square of so many pixels that stands for so many chunks. */
export interface MapLayout {
  readonly columns: number;
  readonly rows: number;
  readonly cell: number;
  readonly chunksPerCell: number;
}

const largestCell = 16;
const smallestCell = 2;

/** The largest cells with which all chunks fit a field of that many pixels; where even the smallest do not, several chunks share one. */
export function mapLayout(chunks: number, width: number, height: number): MapLayout {
  for (let cell = largestCell; cell > smallestCell; cell--) {
    const columns = Math.max(1, Math.floor(width / cell));
    if (Math.ceil(chunks / columns) * cell <= height) return layout(chunks, columns, cell, 1);
  }
  const columns = Math.max(1, Math.floor(width / smallestCell));
  const room = columns * Math.max(1, Math.floor(height / smallestCell));
  return layout(chunks, columns, smallestCell, Math.max(1, Math.ceil(chunks / room)));
}

/** The first chunk of the cell at these pixels; nothing where there is none. */
export function chunkAtPixel(
  { columns, cell, chunksPerCell }: MapLayout,
  chunks: number,
  x: number,
  y: number,
): number | undefined {
  const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
  if (x < 0 || y < 0 || column >= columns) return undefined;
  const chunk = (row * columns + column) * chunksPerCell;
  return chunk < chunks ? chunk : undefined;
}

function layout(chunks: number, columns: number, cell: number, chunksPerCell: number): MapLayout {
  return { columns, cell, chunksPerCell, rows: Math.max(1, Math.ceil(chunks / chunksPerCell / columns)) };
}
