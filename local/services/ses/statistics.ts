import type { Clock } from "../../kit/clock.ts";
import type { MailEvent } from "./mail.ts";

/** What v1's GetSendStatistics tells of a quarter of an hour. */
export interface DataPoint {
  /** Epoch ms: the start of the quarter. */
  readonly at: number;
  attempts: number;
  bounces: number;
  complaints: number;
  rejects: number;
}

/** Counts of the last two weeks, by quarters of an hour. They start anew with the process. */
export interface Statistics {
  count(event: MailEvent): void;
  points(): readonly DataPoint[];
}

const QUARTER_MS = 15 * 60_000;
const MOST_POINTS = 14 * 24 * 4;

export const createStatistics = (clock: Clock): Statistics => {
  const points = new Map<number, DataPoint>();
  const current = (): DataPoint => {
    const at = Math.floor(clock.now() / QUARTER_MS) * QUARTER_MS;
    const point = points.get(at) ?? { at, attempts: 0, bounces: 0, complaints: 0, rejects: 0 };
    points.set(at, point);
    for (const oldest of points.keys()) if (points.size > MOST_POINTS) points.delete(oldest);
    return point;
  };
  return {
    count({ type, recipients }) {
      if (type === "Send") current().attempts += recipients.length;
      if (type === "Bounce") current().bounces += recipients.length;
      if (type === "Complaint") current().complaints += recipients.length;
      if (type === "Reject") current().rejects += recipients.length;
    },
    points: () => [...points.values()],
  };
};
