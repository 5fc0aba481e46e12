import { seeded } from "../ui/seeded.ts";

/** One request of a simulated load. Milliseconds from its start. */
export interface Arrival {
  readonly at: number;
  readonly cost: number;
  /** Who sends it: 0, or 1 for the greedy one of two. */
  readonly client: 0 | 1;
}

/** How requests arrive. */
export const presets = [
  ["edge", "Window-edge attack"],
  ["bursty", "Bursty"],
  ["steady", "Steady"],
  ["heavy", "Heavy-tailed"],
  ["two", "Two clients"],
] as const;
export type Preset = (typeof presets)[number][0];

/** What a preset does, in a sentence. */
export const presetText: Readonly<Record<Preset, string>> = {
  edge: "A full limit just before a window ends and another just after: who counts by the clock's windows lets both through.",
  bursty: "Nearly a full limit within an instant, then silence, again and again.",
  steady: "A third more than is allowed, evenly.",
  heavy: "Long silences and crowds: the gaps follow a Pareto distribution (α = 1.3).",
  two: "A modest client and one that asks five times as much.",
};

/** What a load is made from: the same gives the same arrivals. */
export interface Load {
  readonly preset: Preset;
  readonly seed: number;
  /** Units a window that are allowed. */
  readonly limit: number;
  readonly windowMs: number;
  /** Units each request costs. */
  readonly cost: number;
}

/** Windows that a load lasts. */
export const WINDOWS = 3;
export const spanOf = ({ windowMs }: Pick<Load, "windowMs">): number => windowMs * WINDOWS;

type Random = () => number;

/** `n` instants within `length` from `from`. */
const within = (random: Random, n: number, from: number, length: number): number[] =>
  Array.from({ length: n }, () => from + random() * length);

/** Instants at `gap` from one another, each gap as `stretch` draws it. */
const paced = (span: number, gap: number, stretch: () => number): number[] => {
  const times: number[] = [];
  for (let at = gap * stretch(); at < span; at += gap * stretch()) times.push(at);
  return times;
};

// A Pareto's mean is α/(α−1) of its least; the longest gap is cut at 12 means, so that a load is not one silence.
const pareto = (random: Random, alpha = 1.3) =>
  Math.min(12, ((alpha - 1) / alpha) * (1 - random()) ** (-1 / alpha));

const requestsPerWindow = ({ limit, cost }: Load) => Math.max(1, limit / cost);

const times: Readonly<Record<Exclude<Preset, "two">, (load: Load, random: Random) => number[]>> = {
  edge: (load, random) => {
    const { windowMs } = load;
    const n = Math.floor(requestsPerWindow(load));
    const before = within(random, n, windowMs * 0.9, windowMs * 0.09);
    const after = within(random, n, windowMs * 1.01, windowMs * 0.09);
    return [...before, ...after, ...within(random, Math.ceil(n / 3), windowMs * 1.3, windowMs * 1.5)];
  },
  bursty: (load, random) => {
    const n = Math.ceil(requestsPerWindow(load) * 0.9);
    const starts = [0.12, 0.62, 1.18, 1.75, 2.4].map((at) => (at + random() * 0.12) * load.windowMs);
    return starts.flatMap((start) => within(random, n, start, load.windowMs * 0.06));
  },
  steady: (load, random) =>
    paced(spanOf(load), load.windowMs / (requestsPerWindow(load) * 1.33), () => 0.8 + random() * 0.4),
  heavy: (load, random) =>
    paced(spanOf(load), load.windowMs / (requestsPerWindow(load) * 1.4), () => pareto(random)),
};

const twoClients = (load: Load, random: Random): Arrival[] => {
  const n = requestsPerWindow(load);
  const span = spanOf(load);
  const jitter = () => 0.7 + random() * 0.6;
  const polite = paced(span, load.windowMs / (n * 0.5), jitter);
  const greedy = paced(span, load.windowMs / (n * 2.5), jitter);
  return [
    ...polite.map((at) => ({ at, cost: load.cost, client: 0 as const })),
    ...greedy.map((at) => ({ at, cost: load.cost, client: 1 as const })),
  ];
};

/** The requests of a load in the order they come, at whole milliseconds as limiters see them. */
export const arrivalsOf = (load: Load): readonly Arrival[] => {
  const random = seeded(load.seed);
  const made =
    load.preset === "two"
      ? twoClients(load, random)
      : times[load.preset](load, random).map((at) => ({ at, cost: load.cost, client: 0 as const }));
  return made
    .map((arrival) => ({ ...arrival, at: Math.round(arrival.at) }))
    .toSorted((a, b) => a.at - b.at || a.client - b.client);
};
