import { useCallback, useEffect, useState } from "react";

/** Simulated milliseconds for each real one. */
export const speeds = [
  ["1", "1×"],
  ["4", "4×"],
  ["16", "16×"],
] as const;
export type Speed = (typeof speeds)[number][0];

/** Where a playback stands, and what moves it. */
export interface Playback {
  readonly at: number;
  readonly playing: boolean;
  readonly speed: Speed;
  play(): void;
  pause(): void;
  /** Goes to an instant and stands still there. */
  seek(at: number): void;
  setSpeed(speed: Speed): void;
}

/** Plays from 0 to `span`, and stands at the end at first, where all is to be seen. */
export const usePlayback = (span: number): Playback => {
  const [at, setAt] = useState(span);
  const [playing, setPlaying] = useState(false);
  const [speed, setSpeed] = useState<Speed>("4");
  // Another span is another load: all of it is shown.
  useEffect(() => {
    setAt(span);
    setPlaying(false);
  }, [span]);
  useEffect(() => {
    if (!playing) return;
    let last = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      const passed = (now - last) * Number(speed);
      last = now;
      setAt((before) => Math.min(span, before + passed));
      frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, speed, span]);
  useEffect(() => {
    if (at >= span) setPlaying(false);
  }, [at, span]);
  const play = useCallback(() => {
    setAt((before) => (before >= span ? 0 : before));
    setPlaying(true);
  }, [span]);
  const seek = useCallback(
    (to: number) => {
      setPlaying(false);
      setAt(Math.max(0, Math.min(span, to)));
    },
    [span],
  );
  return { at, playing, speed, play, pause: () => setPlaying(false), seek, setSpeed };
};
