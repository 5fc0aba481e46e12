import { useMemo, useState } from "react";
import type { AlgorithmName } from "#core/limits/rule.schema.ts";
import { Choices } from "../ui/field.tsx";
import { algorithmText, lanes } from "./algorithm-text.ts";
import { type Arrival, arrivalsOf, type Load, presets, presetText } from "./arrivals.ts";
import { FiguresTable } from "./figures-table.tsx";
import { findingOf } from "./finding.ts";
import { LabSettings, type Settings } from "./lab-settings.tsx";
import { Lane } from "./lane.tsx";
import { PlaybackBar } from "./playback-bar.tsx";
import { SameLine } from "./same-line.tsx";
import { type Run, simulate } from "./simulate.ts";
import { usePlayback } from "./use-playback.ts";
import "./lab.css";

/** The rule as an algorithm computes with it: only buckets know a burst. */
export const paramsFor = (algorithm: AlgorithmName, { limit, windowMs, burst }: Settings) => ({
  algorithm,
  limit,
  windowMs,
  burst,
});

const first: Settings = {
  preset: "edge",
  seed: 1,
  limit: 10,
  windowMs: 10_000,
  burst: 10,
  cost: 1,
  apart: true,
};

const useRuns = (settings: Settings): { arrivals: readonly Arrival[]; runs: readonly Run[] } =>
  useMemo(() => {
    const load: Load = settings;
    const arrivals = arrivalsOf(load);
    const apart = settings.apart || settings.preset !== "two";
    return { arrivals, runs: lanes.map((name) => simulate(paramsFor(name, settings), arrivals, apart)) };
  }, [settings]);

const Key = () => (
  <p className="row small lane-key">
    <span className="key-mark admitted">admitted</span>
    <span className="key-mark denied">denied</span>
    <span className="key-mark held">held, then served</span>
    <span className="key-mark limit">the limit</span>
    <span className="key-mark over">above it</span>
    <span className="key-mark window">a window of the clock ends</span>
  </p>
);

/** The algorithms side by side on the same arrivals, decided by the functions this API itself decides with. */
export const Lab = () => {
  const [settings, setSettings] = useState<Settings>(first);
  const { arrivals, runs } = useRuns(settings);
  const playback = usePlayback(settings.windowMs * 3);
  const top = Math.max(settings.limit, ...runs.map(({ most }) => most)) * 1.08;
  const change = (part: Partial<Settings>) => setSettings((before) => ({ ...before, ...part }));
  return (
    <>
      <div className="card stack lab" data-testid="lab">
        <div className="stack tight">
          <h3>Seven limiters, the same requests</h3>
          <p className="quiet small">
            A limiter answers one question: may this request pass? Seven ways to answer it, side by side on
            the same requests. Decided here in your browser, by the very functions the API's stores decide
            with; nothing is sent.
          </p>
        </div>
        <Choices
          legend="How requests arrive"
          name="preset"
          value={settings.preset}
          options={presets}
          onChange={(preset) => change({ preset })}
        />
        <p className="small quiet">{presetText[settings.preset]}</p>
        <p className="finding" role="status">
          <strong>Counted on this run:</strong> {findingOf(settings, runs)}
        </p>
        <LabSettings settings={settings} change={change} />
        <PlaybackBar playback={playback} span={settings.windowMs * 3} arrivals={arrivals} />
        <Key />
        <div className="lanes">
          {runs.map((run) => (
            <Lane
              key={run.algorithm}
              run={run}
              limit={settings.limit}
              windowMs={settings.windowMs}
              top={top}
              at={playback.at}
            />
          ))}
          <SameLine runs={runs} burst={settings.burst} limit={settings.limit} />
        </div>
      </div>
      <FiguresTable runs={runs} limit={settings.limit} windowMs={settings.windowMs} names={algorithmText} />
    </>
  );
};
