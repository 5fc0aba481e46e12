import { millis } from "../ui/format.ts";
import { Badge } from "../ui/surface.tsx";
import { type Tier, tierName } from "./cache-client.ts";

/** One operation by hand, and what came. */
export interface Step {
  readonly id: number;
  readonly what: string;
  readonly status: number;
  readonly tier?: Tier;
  readonly fresh?: boolean;
  readonly version?: number;
  readonly tookMs?: number;
  readonly wholeMs: number;
  readonly value?: string;
}

/** Operations and their answers, the latest first. */
export const Steps = ({ steps }: { steps: readonly Step[] }) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls sideways must be reachable by keyboard
  <section className="table-scroll" aria-label="What came" tabIndex={0}>
    <table className="table" data-testid="steps">
      <thead>
        <tr>
          <th scope="col">Asked</th>
          <th scope="col">Answer</th>
          <th scope="col">From</th>
          {["Version", "Inside", "Here"].map((head) => (
            <th key={head} scope="col" className="number">
              {head}
            </th>
          ))}
          <th scope="col">Value</th>
        </tr>
      </thead>
      <tbody>
        {steps.map((step) => (
          <tr key={step.id}>
            <th scope="row" className="mono">
              {step.what}
            </th>
            <td>
              <Badge tone={step.status < 400 ? "good" : "ember"}>{step.status}</Badge>
            </td>
            <td>
              {step.tier && (
                <span className="tier-key" data-tier={step.tier}>
                  {tierName[step.tier]}
                  {step.fresh === false && ", stale"}
                </span>
              )}
            </td>
            <td className="number">{step.version ?? ""}</td>
            <td className="number">{step.tookMs === undefined ? "" : millis(step.tookMs)}</td>
            <td className="number">{millis(step.wholeMs)}</td>
            <td className="mono entry-value">{step.value}</td>
          </tr>
        ))}
      </tbody>
    </table>
    <p className="small quiet">
      Version grows with each write of the key. Inside: measured within the function that answered. Here:
      measured by this browser, network included.
    </p>
  </section>
);
