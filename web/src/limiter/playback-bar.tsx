import { Button } from "../ui/button.tsx";
import { Choices } from "../ui/field.tsx";
import type { Arrival } from "./arrivals.ts";
import { type Playback, speeds } from "./use-playback.ts";

const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;

/** Play, pause, one request back or on, any instant, and how fast. */
export const PlaybackBar = ({
  playback,
  span,
  arrivals,
}: {
  playback: Playback;
  span: number;
  arrivals: readonly Arrival[];
}) => {
  const { at, playing } = playback;
  const before = arrivals.findLast((arrival) => arrival.at < at - 0.5)?.at ?? 0;
  const next = arrivals.find((arrival) => arrival.at > at + 0.5)?.at ?? span;
  const seen = arrivals.filter((arrival) => arrival.at <= at).length;
  return (
    <div className="playback">
      <div className="row tight">
        <Button look="primary" onClick={playing ? playback.pause : playback.play}>
          {playing ? "Pause" : at >= span ? "Play" : "Go on"}
        </Button>
        <Button onClick={() => playback.seek(before)} disabled={at <= 0} aria-label="−1 request">
          −1
        </Button>
        <Button onClick={() => playback.seek(next)} disabled={at >= span} aria-label="+1 request">
          +1
        </Button>
      </div>
      <input
        className="scrub"
        type="range"
        min={0}
        max={span}
        step={span / 600}
        value={at}
        aria-label="Instant shown"
        aria-valuetext={`${seconds(at)} of ${seconds(span)}, ${seen} of ${arrivals.length} requests`}
        onChange={(event) => playback.seek(Number(event.target.value))}
      />
      <span className="small quiet mono figures playback-time">
        {seconds(at)} / {seconds(span)}
      </span>
      <Choices
        legend="Speed"
        quiet
        name="speed"
        value={playback.speed}
        options={speeds}
        onChange={playback.setSpeed}
      />
    </div>
  );
};
