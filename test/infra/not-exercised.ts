/** A rule that finds nothing to check today, and what is missing. A line for a rule that is exercised fails. */
export interface NotExercised {
  readonly rule: number;
  /** The one stage it holds for: both by default. */
  readonly stage?: "default" | "production";
  readonly missing: string;
}

/** Every rule that waits for its resource. */
export const notExercised: readonly NotExercised[] = [
  { rule: 10, missing: "No function has a URL: everything is reached through the API" },
  {
    rule: 34,
    stage: "default",
    missing: "The rule is about production: a firewall costs $5 a month while idle",
  },
  { rule: 37, missing: "No API has a domain of its own: the edge has" },
  { rule: 38, missing: "No answer allows another origin: the app and the API share one" },
  { rule: 43, stage: "default", missing: "A firewall costs $5 a month while idle: production only" },
  {
    rule: 45,
    stage: "default",
    missing: "Valkey costs $112 a month while idle, and its network $73: production only",
  },
];
