const points = [1, 2, 3, 4].flatMap((row) =>
  Array.from({ length: row }, (_, i) => ({ x: 16 + (i - (row - 1) / 2) * 8.8, y: 2.8 + (row - 1) * 7.8 })),
);

/** Ten points in four rows, and the name. */
export const Mark = () => (
  <span className="mark">
    <svg width="22" height="20" viewBox="0 0 32 29" aria-hidden="true" focusable="false">
      {points.map(({ x, y }) => (
        <circle key={`${x} ${y}`} cx={x} cy={y} r="2.8" fill="currentColor" />
      ))}
    </svg>
    <span>tenfold</span>
  </span>
);
