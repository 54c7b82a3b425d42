export interface Grid {
  columns: number;
  tileWidth: number;
  tileHeight: number;
}

const aspect = 16 / 9;

/** The number of columns that gives the largest tiles. A single column may hold taller tiles, up to square: phones are upright. */
export function bestGrid(width: number, height: number, count: number, gap: number): Grid {
  let best: Grid = { columns: 1, tileWidth: 0, tileHeight: 0 };
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(count / columns);
    const widest = Math.max(0, (width - gap * (columns - 1)) / columns);
    const highest = Math.max(0, (height - gap * (rows - 1)) / rows);
    const tileWidth = Math.min(widest, highest * aspect);
    const tileHeight = Math.min(highest, width < height ? tileWidth : tileWidth / aspect);
    if (tileWidth * tileHeight > best.tileWidth * best.tileHeight)
      best = { columns, tileWidth: Math.floor(tileWidth), tileHeight: Math.floor(tileHeight) };
  }
  return best;
}
