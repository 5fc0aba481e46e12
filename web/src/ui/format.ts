const numbers = new Intl.NumberFormat("en");
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const dateTime = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
const dayOnly = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const regions = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

/** 12,345. */
export const count = (n: number): string => numbers.format(n);

/** `1 click`, `2 clicks`. */
export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${count(n)} ${n === 1 ? one : many}`;

/** Milliseconds with as many digits as mean something. */
export const millis = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : `${numbers.format(Math.round(ms))} ms`;

/** Date and time of an RFC 3339 instant, in the reader's time zone. */
export const instant = (iso: string): string => dateTime.format(new Date(iso));

/** `2026-11-23` as `23 Nov`. */
export const day = (iso: string): string => dayOnly.format(new Date(`${iso}T00:00:00Z`));

const steps = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
] as const;

/** `3 minutes ago`. */
export const ago = (iso: string, nowMs: number): string => {
  const seconds = (Date.parse(iso) - nowMs) / 1000;
  const step = steps.find(([, size]) => Math.abs(seconds) >= size);
  return step ? relative.format(Math.trunc(seconds / step[1]), step[0]) : "just now";
};

/** `1 d 02:03:04` or `03:04`. */
export const duration = (seconds: number): string => {
  const whole = Math.max(0, Math.ceil(seconds));
  const pad = (n: number) => String(n).padStart(2, "0");
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor(whole / 3_600) % 24;
  const clock = `${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
  if (days > 0) return `${days} d ${pad(hours)}:${clock}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
};

/** Name of an ISO 3166 country; what is none is told as unknown. */
export const country = (code: string): string => {
  try {
    return /^[A-Z]{2}$/.test(code) && code !== "XX" ? (regions.of(code) ?? code) : "Unknown";
  } catch {
    return code;
  }
};
