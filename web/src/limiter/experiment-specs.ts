import type { ExperimentSpec } from "../patterns/experiment.tsx";
import { hostile } from "./bad-input.ts";
import { banned, exact, refunded, retry, shadow, whole } from "./experiment-runs.ts";

const needsSignIn = "rules belong to whoever made them";

/** Each sends real requests and judges by the answers alone. */
export const experiments: readonly ExperimentSpec[] = [
  {
    id: "exact",
    title: "30 callers at a limit of 10, seven ways",
    claim:
      "Exactly as many pass as the limit says, by every algorithm, however they race. A browser has six requests under way at a time over HTTP/1.1; the test suite sends 1,000 at once.",
    button: "Race 7 × 30 checks",
    needsSignIn,
    run: exact,
  },
  {
    id: "whole",
    title: "A request too large takes nothing",
    claim: "Denied means untouched: what a request of cost 10 could not have, one of cost 7 still gets.",
    button: "Ask for too much",
    needsSignIn,
    run: whole,
  },
  {
    id: "retry",
    title: "A moment too early, and on time",
    claim: "The stated wait is exact: before it the same request is denied, at it it is admitted.",
    button: "Come early, then on time",
    needsSignIn,
    run: retry,
  },
  {
    id: "ban",
    title: "Somebody who keeps knocking",
    claim:
      "After three denials the key is banned for six seconds, though its limit alone would let it pass after two.",
    button: "Knock until banned",
    needsSignIn,
    run: banned,
  },
  {
    id: "shadow",
    title: "A limit tried in the shadow",
    claim: "A shadow rule decides and records like any other, and stops nobody.",
    button: "Send 15 past a shadow of 5",
    needsSignIn,
    run: shadow,
  },
  {
    id: "refund",
    title: "Given back once, taken once",
    claim: "A refund frees exactly what it gives back: of the next two, one passes.",
    button: "Take, refund, race",
    needsSignIn,
    run: refunded,
  },
  {
    id: "hostile",
    title: "Seven requests that make no sense",
    claim: "No rule, a negative cost, a key of 10 KB: each is told what is wrong, and nothing is counted.",
    button: "Send seven bad requests",
    needsSignIn,
    run: hostile,
  },
];
