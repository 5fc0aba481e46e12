/** One of the ten system designs. */
export interface Pattern {
  readonly number: number;
  readonly slug: string;
  readonly name: string;
  readonly summary: string;
  /** What the design is sized for, as its page states it. */
  readonly targets: readonly (readonly [figure: string, what: string])[];
  readonly built: boolean;
}

const pattern = (
  number: number,
  slug: string,
  name: string,
  summary: string,
  targets: Pattern["targets"],
  built = false,
): Pattern => ({ number, slug, name, summary, targets, built });

/** The ten, in reading order. A pattern becomes a page when it runs. */
export const patterns: readonly Pattern[] = [
  pattern(
    1,
    "shortener",
    "URL shortener",
    "Short codes made in one conditional write, redirects read in half a unit, clicks counted exactly once.",
    [
      ["100 M", "links a day"],
      ["115,000/s", "redirects"],
      ["< 100 ms", "p99"],
      ["5 years", "of links kept"],
    ],
    true,
  ),
  pattern(
    2,
    "cache",
    "Distributed cache",
    "Two tiers before the origin, stampedes stopped, entries dropped by tag in one write.",
    [
      ["1 M/s", "requests"],
      ["< 1 ms", "a hit"],
      ["99.99 %", "available"],
    ],
    true,
  ),
  pattern(3, "chat", "Chat", "Ordered messages over WebSocket, none lost, none twice.", [
    ["1 M", "connected at once"],
    ["< 100 ms", "delivery"],
  ]),
  pattern(4, "video", "Video platform", "Upload, transcode, stream in the quality the line carries.", [
    ["1 M", "watch at once"],
    ["< 2 %", "buffering"],
  ]),
  pattern(5, "feed", "Social feed", "Fan-out on write for the many, on read for the famous.", [
    ["500 M", "posts a day"],
    ["< 200 ms", "a feed"],
  ]),
  pattern(6, "shop", "E-commerce", "Stock that cannot be oversold, orders that settle or undo themselves.", [
    ["1 M", "orders a day"],
    ["99.99 %", "available"],
  ]),
  pattern(7, "search", "Search engine", "Crawl, index in segments, rank, answer.", [
    ["10,000/s", "queries"],
    ["< 100 ms", "an answer"],
  ]),
  pattern(8, "notifications", "Notifications", "E-mail, push and in-app: preferred, deduplicated, retried.", [
    ["1 B", "a day"],
    ["< 1 s", "to the provider"],
  ]),
  pattern(
    9,
    "limiter",
    "Rate limiter",
    "Six algorithms, and the leaky bucket as a queue besides; one write decides, exact under races.",
    [
      ["1 M/s", "decisions"],
      ["< 1 ms", "added"],
      ["99.99 %", "available"],
    ],
    true,
  ),
  pattern(10, "files", "File storage", "Multipart uploads straight to storage, versions, shares.", [
    ["1 PB", "stored"],
    ["100,000", "uploads a day"],
  ]),
];

/** `01` … `10`. */
export const numeral = (number: number): string => String(number).padStart(2, "0");
