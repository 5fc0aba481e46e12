import { useState } from "react";
import { count } from "../ui/format.ts";
import { Slider } from "../ui/slider.tsx";

// DynamoDB on demand, us-east-1: dollars a million write request units. https://aws.amazon.com/dynamodb/pricing/on-demand/
const DOLLARS_PER_MILLION_WRITES = 0.625;
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });

/** Table calls of a decision: who was denied already costs none, a lease is one call for all it holds. */
export const callsPerDecision = (lease: number, denied: number): number => {
  const admitted = 1 - denied;
  return admitted / Math.max(1, lease);
};

const DAY = 86_400;

/** What deciding costs on DynamoDB as leases and denials change it: calculated. */
export const DecisionCost = () => {
  const [power, setPower] = useState(3);
  const [lease, setLease] = useState(1);
  const [denied, setDenied] = useState(0.1);
  const rate = 10 ** power;
  const calls = callsPerDecision(lease, denied);
  const month = rate * DAY * 30 * calls * (DOLLARS_PER_MILLION_WRITES / 1e6);
  const figures = [
    [whole.format(rate * calls), "writes a second"],
    [calls < 0.01 ? calls.toPrecision(2) : calls.toFixed(2), "writes a decision"],
    [money.format(calls * DOLLARS_PER_MILLION_WRITES), "a million decisions"],
    [money.format(month), "a month, at that rate"],
    [count(lease <= 1 ? 0 : lease), "units stranded at most by a process that ends"],
  ] as const;
  return (
    <div className="card stack estimate">
      <h3>What deciding costs</h3>
      <div className="form-grid">
        <Slider
          label="Decisions a second"
          words={whole.format(rate)}
          value={power}
          min={0}
          max={6}
          step={0.1}
          onChange={setPower}
        />
        <Slider
          label="Lease: units a process takes at once"
          words={lease === 1 ? "none" : String(lease)}
          value={lease}
          min={1}
          max={100}
          step={1}
          onChange={setLease}
        />
        <Slider
          label="Denied, and remembered"
          words={`${Math.round(denied * 100)} %`}
          value={denied}
          min={0}
          max={0.95}
          step={0.01}
          onChange={setDenied}
        />
      </div>
      <dl className="tally">
        {figures.map(([figure, what]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{figure}</dd>
          </div>
        ))}
      </dl>
      <p className="small quiet">
        Calculated, not measured: an admitted decision is one write of an item below 1 KB, a lease spends many
        by one write, and whoever is denied is remembered until it may come again. One partition of DynamoDB
        takes 1,000 writes a second: a single key hotter than that needs a lease. List price of us-east-1.
      </p>
    </div>
  );
};
