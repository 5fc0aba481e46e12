import { useRef } from "react";
import { percentile } from "../api/latency.ts";
import { useWidth } from "../ui/use-width.ts";
import { type Tier, tierName } from "./cache-client.ts";
import type { Sample } from "./traffic-run.ts";

/** The tiers, nearest first. */
export const tiers: readonly Tier[] = ["l1", "l2", "origin"];
const SECONDS = 40;

/** Which colour is which tier. */
export const TierKeys = () => (
  <p className="row">
    {tiers.map((tier) => (
      <span key={tier} className="tier-key small" data-tier={tier}>
        {tierName[tier]}
      </span>
    ))}
  </p>
);

/** Answers by second and tier, the latest second last. */
export const bySecond = (samples: readonly Sample[], nowMs: number): readonly Record<Tier, number>[] => {
  const end = Math.floor(nowMs / 1_000);
  const slots = Array.from({ length: SECONDS }, () => ({ l1: 0, l2: 0, origin: 0 }));
  for (const { at, tier } of samples) {
    const slot = slots[SECONDS - 1 - (end - Math.floor(at / 1_000))];
    if (slot) slot[tier] += 1;
  }
  return slots;
};

const sum = (slot: Record<Tier, number>) => slot.l1 + slot.l2 + slot.origin;

/** Where answers came from, second by second: shares of all. */
export const HitChart = ({ samples }: { samples: readonly Sample[] }) => {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const height = 130;
  const slots = bySecond(samples, samples.at(-1)?.at ?? 0);
  const size = width / SECONDS;
  const hits = samples.filter(({ tier }) => tier !== "origin").length;
  return (
    <figure className="chart" ref={box}>
      <svg
        className="tier-chart"
        width={width}
        height={height}
        role="img"
        aria-label={`Of the last ${samples.length} reads, ${hits} were answered by the cache`}
      >
        {[0, 0.5].map((share) => (
          <line
            key={share}
            className="chart-grid"
            x1={0}
            x2={width}
            y1={share * height + 0.5}
            y2={share * height + 0.5}
          />
        ))}
        {slots.map((slot, i) => {
          const all = sum(slot);
          let top = height;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its second's place
            <g key={i}>
              {tiers.map((tier) => {
                const high = all === 0 ? 0 : (slot[tier] / all) * height;
                top -= high;
                return (
                  <rect
                    key={tier}
                    data-tier={tier}
                    x={i * size + 1}
                    width={Math.max(1, size - 2)}
                    y={top}
                    height={high}
                  />
                );
              })}
            </g>
          );
        })}
        <line className="chart-axis" x1={0} x2={width} y1={height - 0.5} y2={height - 0.5} />
      </svg>
      <figcaption className="chart-legend">
        <span>{SECONDS} s ago</span>
        <span>share of answers, each second; top line 100 %</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
};

const LEAST = 0.01;
const MOST = 2_000;
/** A place on a logarithmic scale, 0 to 1. */
export const logPlace = (ms: number): number =>
  Math.max(0, Math.min(1, Math.log(Math.max(ms, LEAST) / LEAST) / Math.log(MOST / LEAST)));

const labels = [
  [0.01, "10 µs"],
  [0.1, "0.1 ms"],
  [1, "1 ms"],
  [10, "10 ms"],
  [100, "100 ms"],
  [1_000, "1 s"],
] as const;

/** Each answer as a dot at what it took within the function, by tier, on a logarithmic scale. */
export const LatencyStrip = ({ samples }: { samples: readonly Sample[] }) => {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const lane = 34;
  const height = lane * tiers.length;
  const x = (ms: number) => 4 + logPlace(ms) * (width - 8);
  const spoken = tiers
    .map((tier) => {
      const times = samples.filter((sample) => sample.tier === tier).map(({ tookMs }) => tookMs);
      return `${tierName[tier]} ${times.length === 0 ? "none" : `${percentile(times, 50).toFixed(2)} ms`}`;
    })
    .join(", ");
  return (
    <figure className="chart" ref={box}>
      <svg
        className="tier-chart"
        width={width}
        height={height + 18}
        role="img"
        aria-label={`Median time by tier: ${spoken}`}
      >
        {labels.map(([ms, label], i) => (
          <g key={ms}>
            <line className="chart-grid" x1={x(ms)} x2={x(ms)} y1={0} y2={height} />
            {(width > 480 || i % 2 === 0) && (
              <text
                className="chart-text"
                x={x(ms)}
                y={height + 13}
                textAnchor={i === 0 ? "start" : "middle"}
              >
                {label}
              </text>
            )}
          </g>
        ))}
        {samples.slice(-300).map(({ id, tier, tookMs }) => (
          <circle
            key={id}
            data-tier={tier}
            cx={x(tookMs)}
            // Spread over its lane by its number, so that equal times do not hide one another.
            cy={tiers.indexOf(tier) * lane + 7 + ((id * 7) % 20)}
            r={2.5}
          />
        ))}
      </svg>
    </figure>
  );
};
