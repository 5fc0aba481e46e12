import * as Capacity from "../../../core/shortener/capacity.schema.ts";
import { limits } from "../../../core/shortener/link.schema.ts";
import { table } from "./markdown.ts";

const demand = Capacity.designDemand;
const { format: whole } = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const { format: fine } = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });
const dollars = (value: number) => `$${whole(value)}`;

/** What the design must carry. */
export const load = (): string => {
  const { writesPerSecond, readsPerSecond, links, storageTb } = Capacity.load(demand);
  return table(
    ["Figure", "Value", "From"],
    [
      ["links created", `${whole(writesPerSecond)}/s`, `${whole(demand.linksPerDay)} a day`],
      ["redirects", `${whole(readsPerSecond)}/s`, `${demand.readsPerWrite} for each link`],
      ["links kept", whole(links), `${demand.years} years`],
      ["storage as the design counts it", `${storageTb} TB`, `${demand.bytesPerLink} bytes a link`],
    ],
  );
};

/** How many codes there are, and how full they get. */
export const codeSpace = (): string => {
  const perYear = demand.linksPerDay * 365;
  const rows = [6, 7, 8].map((length) => {
    const space = 62 ** length;
    const years = space / perYear;
    const chance = (after: number) => {
      const p = Capacity.collisionChance(perYear * after, length);
      return p >= 1 ? "full" : `${fine(100 * p)} %`;
    };
    const full = years < 2 ? `${whole(years * 12)} months` : `${whole(years)} years`;
    return [
      length === limits.generatedLength ? `**${length}**` : length,
      whole(space),
      full,
      chance(1),
      chance(5),
    ];
  });
  return table(
    ["Length", "Codes", "Full after", "A random code is taken, after 1 year", "after 5 years"],
    rows,
  );
};

const bill = (title: string, lines: readonly Capacity.BillLine[]): string =>
  table(
    [title, "$ a month"],
    [
      ...lines.map(({ what, dollars: sum }) => [what, whole(sum)]),
      ["**sum**", `**${whole(Capacity.total(lines))}**`],
    ],
  );

const REQUESTS = ["CloudFront, HTTPS requests", "API Gateway, REST", "Lambda, requests"];

/** Both bills at the design's load, and how they compare. */
export const bills = (): string => {
  const containers = Capacity.containerBill(demand);
  const ours = Capacity.ourBill(demand);
  const byRequest = Capacity.total(ours.filter(({ what }) => REQUESTS.includes(what)));
  const sum = Capacity.total(ours);
  const factor = whole(sum / Capacity.total(containers));
  return [
    bill("Containers, as the design has it", containers),
    bill("This system, as it is deployed", ours),
    `**At the design's load ours loses, by a factor of ${factor}.** ${whole((100 * byRequest) / sum)} % of our bill is paid by the request ` +
      "(CloudFront, API Gateway, Lambda requests), and containers are not.",
  ].join("\n\n");
};

/** A small container design would hold no cluster of nine cache nodes: its bill without that line. */
const uncached = (at: Capacity.Demand): number =>
  Capacity.total(Capacity.containerBill(at).filter(({ what }) => !what.startsWith("ElastiCache")));

const meet = (other: (at: Capacity.Demand) => number): number => {
  let [low, high] = [1, 1e9];
  while (high - low > 1) {
    const linksPerDay = (low + high) / 2;
    const at = { ...demand, linksPerDay };
    if (Capacity.total(Capacity.ourBill(at)) < other(at)) low = linksPerDay;
    else high = linksPerDay;
  }
  return low;
};

/** Where the cheaper of the two changes. */
export const breakEven = (): string => {
  const rows = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((linksPerDay) => {
    const at = { ...demand, linksPerDay };
    const [containers, ours] = [Capacity.containerBill(at), Capacity.ourBill(at)].map(Capacity.total);
    return [
      whole(linksPerDay),
      `${fine(Capacity.load(at).readsPerSecond)}/s`,
      dollars(containers ?? 0),
      dollars(uncached(at)),
      dollars(ours ?? 0),
      `$${Capacity.dollarsPerMillionRedirects(at).toFixed(2)}`,
    ];
  });
  const even = Capacity.breakEvenLinksPerDay(demand);
  const plain = meet(uncached);
  const reads = (linksPerDay: number) => whole(Capacity.load({ ...demand, linksPerDay }).readsPerSecond);
  return [
    table(
      [
        "Links a day",
        "Redirects",
        "Containers",
        "Containers, no cache cluster",
        "Ours",
        "Ours, a million redirects",
      ],
      rows,
    ),
    "",
    `Equal at ${whole(even)} links a day (${reads(even)} redirects a second); against containers without the cache cluster at ` +
      `${whole(plain)} links a day (${reads(plain)} a second).`,
  ].join("\n");
};
