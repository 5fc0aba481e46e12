const clock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});
const sizes = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** `14:03:59.120`, in the reader's time zone. */
export const clockTime = (ms: number): string => clock.format(ms);

const whole = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** `23 Nov, 14:03:59`, in the reader's time zone. */
export const dayTime = (ms: number): string => whole.format(ms);

/** Bytes in the unit that reads best. */
export const bytes = (n: number): string => {
  if (n < 1_024) return `${n} B`;
  if (n < 1_048_576) return `${sizes.format(n / 1_024)} KB`;
  return n < 1_073_741_824 ? `${sizes.format(n / 1_048_576)} MB` : `${sizes.format(n / 1_073_741_824)} GB`;
};

/** A duration in the unit that reads best: `0.4 ms`, `84 ms`, `1.25 s`. */
export const span = (ms: number): string => {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(2)} s`;
};

/** Seconds as an age: `40 s`, `3 min`, `2 h`, `5 d`. */
export const age = (seconds: number): string => {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  return seconds < 86_400 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 86_400)} d`;
};

/** The last part of an ARN: what people call the resource. */
export const shortArn = (arn: string): string => arn.split(/[:/]/).at(-1) || arn;
