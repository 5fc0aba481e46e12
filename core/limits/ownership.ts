import type { User } from "#core/identity/user.schema.ts";
import { Problem } from "#core/kit/problem.ts";
import { APP } from "./policies.schema.ts";

/** Whose rules or lists a user means, where the user may: their own, or the app's, which are the admins'. */
export const ownerFor = (user: User, whose: "you" | "app"): string => {
  if (whose === "you") return user.id;
  if (user.groups.includes("admins")) return APP;
  throw new Problem("forbidden", "The app's own rules and lists are for admins");
};
