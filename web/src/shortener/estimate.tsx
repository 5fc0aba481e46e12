import { useState } from "react";
import {
  type BillLine,
  breakEvenLinksPerDay,
  codeLengthFor,
  containerBill,
  type Demand,
  designDemand,
  dollarsPerMillionRedirects,
  load,
  ourBill,
  total,
} from "#core/shortener/capacity.schema.ts";
import { count } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";
import "./estimate.css";

const short = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 2 });

const Inputs = ({ demand, change }: { demand: Demand; change: (part: Partial<Demand>) => void }) => (
  <div className="form-grid">
    <Slider
      label="Links a day"
      words={short.format(demand.linksPerDay)}
      value={Math.log10(demand.linksPerDay)}
      min={3}
      max={9}
      step={0.1}
      onChange={(power) => change({ linksPerDay: Math.round(10 ** power) })}
    />
    <Slider
      label="Redirects for each link"
      words={count(demand.readsPerWrite)}
      value={demand.readsPerWrite}
      min={1}
      max={500}
      step={1}
      onChange={(readsPerWrite) => change({ readsPerWrite })}
    />
    <Slider
      label="Redirects answered from memory"
      words={`${Math.round(demand.hitRatio * 100)} %`}
      value={demand.hitRatio}
      min={0}
      max={1}
      step={0.01}
      onChange={(hitRatio) => change({ hitRatio })}
    />
  </div>
);

const Bill = ({ title, bill, top }: { title: string; bill: readonly BillLine[]; top: number }) => (
  <section className="bill">
    <h4>
      {title} <span className="figures">{money.format(total(bill))} a month</span>
    </h4>
    <ul className="breakdown-rows">
      {bill
        .toSorted((a, b) => b.dollars - a.dollars)
        .map(({ what, dollars }) => (
          <li key={what} className="breakdown-row">
            <div
              className="breakdown-bar"
              style={{ width: `${(dollars / top) * 100}%` }}
              aria-hidden="true"
            />
            <span>{what}</span>
            <span className="figures mono">{money.format(dollars)}</span>
          </li>
        ))}
    </ul>
  </section>
);

const Figures = ({ demand }: { demand: Demand }) => {
  const { writesPerSecond, readsPerSecond, storageTb, links } = load(demand);
  const figures = [
    [short.format(writesPerSecond), "links a second"],
    [short.format(readsPerSecond), "redirects a second"],
    [`${short.format(storageTb)} TB`, `in ${demand.years} years`],
    [String(codeLengthFor(links)), "characters a code"],
    [cents.format(dollarsPerMillionRedirects(demand)), "a million redirects"],
  ] as const;
  return (
    <dl className="tally">
      {figures.map(([figure, what]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{figure}</dd>
        </div>
      ))}
    </dl>
  );
};

/** The capacity and cost estimate, calculated as one moves it. An estimate, and called one. */
export const Estimate = () => {
  const [demand, setDemand] = useState<Demand>(designDemand);
  const bills = [ourBill(demand), containerBill(demand)] as const;
  const top = Math.max(...bills.flat().map(({ dollars }) => dollars));
  return (
    <div className="card stack estimate">
      <h3>What a load needs, and what it costs</h3>
      <Inputs demand={demand} change={(part) => setDemand((before) => ({ ...before, ...part }))} />
      <Figures demand={demand} />
      <div className="breakdowns">
        <Bill title="As deployed here" bill={bills[0]} top={top} />
        <Bill title="Containers and Valkey" bill={bills[1]} top={top} />
      </div>
      <p className="small quiet">
        Below about {short.format(breakEvenLinksPerDay(demand))} links a day this system is the cheaper one;
        above, containers are. Estimated from AWS list prices of us-east-1, without free tiers and data
        transfer; not measured.
      </p>
    </div>
  );
};
