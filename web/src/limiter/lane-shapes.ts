import type { Mark, Point } from "./simulate.ts";

/** Heights of a lane's parts in pixels; its width is whatever there is. */
export const geometry = {
  marks: { top: 4, height: 26 },
  used: { top: 54, height: 52 },
  served: { top: 132, height: 44 },
  height: 180,
} as const;

/** From milliseconds to pixels. */
export type Scale = (at: number) => number;

const n = (value: number) => Math.round(value * 100) / 100;

/** A line through points, straight from one to the next. */
export const lineOf = (points: readonly Point[], x: Scale, y: Scale): string =>
  points.map(([at, value], i) => `${i === 0 ? "M" : "L"}${n(x(at))} ${n(y(value))}`).join("");

/** The area under a line. */
export const areaOf = (points: readonly Point[], x: Scale, y: Scale): string => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return "";
  return `${lineOf(points, x, y)}L${n(x(last[0]))} ${n(y(0))}L${n(x(first[0]))} ${n(y(0))}Z`;
};

const rowOf = (mark: Mark, rows: number) => {
  const { top, height } = geometry.marks;
  const size = height / rows;
  return { top: top + mark.client * size, bottom: top + (mark.client + 1) * size - 2 };
};

/** A bar for each request let through, where it was served. */
export const admittedPath = (marks: readonly Mark[], x: Scale, rows: number): string =>
  marks
    .filter(({ allowed }) => allowed)
    .map((mark) => {
      const { top, bottom } = rowOf(mark, rows);
      return `M${n(x(mark.at + mark.waitMs))} ${top}V${bottom}`;
    })
    .join("");

/** A cross for each request denied. */
export const deniedPath = (marks: readonly Mark[], x: Scale, rows: number): string =>
  marks
    .filter(({ allowed }) => !allowed)
    .map((mark) => {
      const { top, bottom } = rowOf(mark, rows);
      const [at, middle] = [x(mark.at), (top + bottom) / 2];
      return `M${n(at - 2.5)} ${middle - 2.5}l5 5m0 -5l-5 5`;
    })
    .join("");

/** From the arrival of each request that was held to where it was served. */
export const heldPath = (marks: readonly Mark[], x: Scale, rows: number): string =>
  marks
    .filter(({ allowed, waitMs }) => allowed && waitMs > 0)
    .map((mark) => {
      const { top, bottom } = rowOf(mark, rows);
      return `M${n(x(mark.at))} ${bottom}L${n(x(mark.at + mark.waitMs))} ${top}`;
    })
    .join("");

/** Requests up to an instant: let through, let through late, denied. */
export const tallyAt = (marks: readonly Mark[], at: number) => {
  const seen = marks.filter((mark) => mark.at <= at);
  const admitted = seen.filter(({ allowed }) => allowed);
  return {
    seen: seen.length,
    admitted: admitted.length,
    held: admitted.filter(({ waitMs }) => waitMs > 0).length,
    denied: seen.length - admitted.length,
  };
};

/** The value of a line at an instant: of its last point not later. */
export const valueAt = (points: readonly Point[], at: number): number => {
  let value = 0;
  for (const point of points) {
    if (point[0] > at) break;
    value = point[1];
  }
  return value;
};
