import { Button } from "../ui/button.tsx";
import { Slider } from "../ui/slider.tsx";
import type { Load } from "./arrivals.ts";

/** What the sliders of the comparison set. */
export interface Settings extends Load {
  readonly burst: number;
  /** Whether each of two clients is counted by itself. */
  readonly apart: boolean;
}

/** Limit, window, burst and cost; another seed; and by whom is counted where there are two. */
export const LabSettings = ({
  settings,
  change,
}: {
  settings: Settings;
  change: (part: Partial<Settings>) => void;
}) => (
  <>
    <div className="form-grid">
      <Slider
        label="Rate: units each window"
        words={String(settings.limit)}
        value={settings.limit}
        min={4}
        max={40}
        step={1}
        onChange={(limit) => change({ limit })}
      />
      <Slider
        label="Length of a window"
        words={`${settings.windowMs / 1_000} s`}
        value={settings.windowMs / 1_000}
        min={1}
        max={30}
        step={1}
        onChange={(seconds) => change({ windowMs: seconds * 1_000 })}
      />
      <Slider
        label="Burst: what a bucket holds (windows have none)"
        words={String(settings.burst)}
        value={settings.burst}
        min={1}
        max={40}
        step={1}
        onChange={(burst) => change({ burst })}
      />
      <Slider
        label="Cost of a request, in units"
        words={String(settings.cost)}
        value={settings.cost}
        min={1}
        max={5}
        step={1}
        onChange={(cost) => change({ cost })}
      />
    </div>
    <div className="row">
      <Button onClick={() => change({ seed: settings.seed + 1 })}>Draw other arrivals</Button>
      <span className="small quiet figures">seed {settings.seed}</span>
      {settings.preset === "two" && (
        <label className="check small">
          <input
            type="checkbox"
            checked={settings.apart}
            onChange={(event) => change({ apart: event.target.checked })}
          />
          Count each client by itself
        </label>
      )}
    </div>
  </>
);
