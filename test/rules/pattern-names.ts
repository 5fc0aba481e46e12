import { readdirSync } from "node:fs";
import { join } from "node:path";

const SHARED = ["kit", "docs", "identity"];
const AWS_WORDS = ["cache", "limits"]; // names of ours that AWS uses too: their path gives them away

/** The patterns there are, by their folder in core. */
export const patterns = readdirSync(join(import.meta.dirname, "../../core")).filter(
  (name) => !SHARED.includes(name),
);

const words = patterns.filter((name) => !AWS_WORDS.includes(name)).join("|");

/** Finds the name of one of the patterns. */
export const namesPattern = new RegExp(
  `\\b(${words})\\b|(core|functions|stacks|api/v1)/(${patterns.join("|")})\\b`,
  "i",
);
