const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (timeZone: string): Intl.DateTimeFormat => {
  const known = formats.get(timeZone);
  if (known) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, format);
  return format;
};

/** Whether the platform knows an IANA time zone. */
export const isTimeZone = (name: string): boolean => {
  try {
    formatOf(name);
    return true;
  } catch {
    return false;
  }
};

/** What clocks in a zone show at an instant, written as if it were UTC (epoch ms, whole seconds). */
export const wallClock = (utc: number, timeZone: string): number => {
  const parts = formatOf(timeZone).formatToParts(utc);
  const of = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
};

const DAY = 86_400_000;

/** The instant at which clocks in a zone show `wall`: the first of two when clocks go back, undefined when they skip it. */
export const wallToUtc = (wall: number, timeZone: string): number | undefined => {
  const offsets = [wall - DAY, wall + DAY].map(
    (at) => wallClock(at, timeZone) - Math.floor(at / 1000) * 1000,
  );
  const instants = offsets.map((offset) => wall - offset).filter((utc) => wallClock(utc, timeZone) === wall);
  return instants.length === 0 ? undefined : Math.min(...instants);
};
