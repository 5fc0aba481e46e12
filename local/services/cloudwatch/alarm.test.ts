import { describe, expect, it } from "vitest";
import { judge } from "./alarm.ts";
import { holds } from "./composite.ts";

const rule = (evaluationPeriods: number, datapointsToAlarm: number, treatMissing: string) => ({
  evaluationPeriods,
  datapointsToAlarm,
  treatMissing,
  threshold: 1,
  comparison: "GreaterThanOrEqualToThreshold",
});
/** `0` is within the threshold, `X` breaches it, `-` is missing. */
const points = (text: string) =>
  text.split(" ").map((one) => (one === "-" ? undefined : one === "X" ? 1 : 0));
const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"];
const judged = (text: string, n: number, m: number) =>
  TREATMENTS.map((treat) => judge(rule(n, m, treat), points(text)));

// The tables of "Configuring how CloudWatch alarms treat missing data"; undefined retains the state.
describe("an alarm over three periods, three of which must breach", () => {
  it.each([
    ["0 - X - X", "OK", "OK", "OK", "OK"],
    ["0 - - - -", "OK", "OK", "OK", "OK"],
    ["- - - - -", "INSUFFICIENT_DATA", undefined, "ALARM", "OK"],
    ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["- - X - -", "ALARM", undefined, "ALARM", "OK"],
  ] as const)("%s", (text, ...states) => {
    // The second row's two missing points are filled as breaching, but the one known point is not.
    expect(judged(text, 3, 3)).toEqual(states);
  });
});

describe("an alarm over three periods, two of which must breach", () => {
  it.each([
    ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
    ["0 - X - -", "OK", "OK", "ALARM", "OK"],
    ["- - - - 0", "OK", "OK", "ALARM", "OK"],
    ["- - - X -", "ALARM", undefined, "ALARM", "OK"],
  ] as const)("%s", (text, ...states) => {
    expect(judged(text, 3, 2)).toEqual(states);
  });
});

describe("a composite alarm", () => {
  const states = new Map([
    ["A", "ALARM"],
    ["B", "OK"],
    ["C d", "INSUFFICIENT_DATA"],
  ] as const);
  const stateOf = (name: string) => states.get(name as "A");
  it.each([
    ["ALARM(A)", true],
    ['ALARM("A") AND OK(B)', true],
    ["ALARM(A) AND NOT OK(B)", false],
    ["ALARM(B) OR (INSUFFICIENT_DATA('C d') AND TRUE)", true],
    ["ALARM(arn:aws:cloudwatch:eu-west-1:123456789012:alarm:A)", true],
    ["FALSE OR FALSE", false],
    ["ALARM(missing)", false],
    ["ALARM(A) AND", undefined],
    ["ALARM(A", undefined],
    ["(ALARM(A)", undefined],
    ["A or B", undefined],
    ["", undefined],
  ])("%s", (text, expected) => {
    expect(holds(text, stateOf)).toBe(expected);
  });
});
