import type { ExperimentSpec } from "../patterns/experiment.tsx";
import { burst, exhausted, expiry, hostile, identical, takers } from "./experiment-runs.ts";

/** Each sends real requests and judges by the answers alone. */
export const experiments: readonly ExperimentSpec[] = [
  {
    id: "identical",
    title: "50 identical requests at once",
    claim: "The same URL by the same owner is one link, however many ask for it in the same instant.",
    button: "Send 50 identical POSTs",
    run: identical,
  },
  {
    id: "takers",
    title: "50 takers of one custom code",
    claim: "A code has one owner. One taker wins, 49 hear 409.",
    button: "Race for one code",
    run: takers,
  },
  {
    id: "burst",
    title: "A burst of 200 redirects",
    claim:
      "Clicks are counted off the redirect's path, in batches that may arrive twice: the count is still exact.",
    button: "Send 200 clicks",
    needsSignIn: "the count is the owner's to read",
    run: burst,
  },
  {
    id: "limit",
    title: "25 visitors, 5 clicks left",
    claim: "A limit on clicks holds under a race: exactly 5 get through, the others hear 410.",
    button: "Let 25 race",
    run: exhausted,
  },
  {
    id: "expiry",
    title: "A link that has expired",
    claim: "An expired link answers 410 at once, though its item stays in the table for a week.",
    button: "Outlive a 3-second link",
    run: expiry,
  },
  {
    id: "hostile",
    title: "Six URLs that must not pass",
    claim:
      "Scripts, data, credentials, other schemes and our own short links are refused, each with its reason.",
    button: "Send six bad URLs",
    run: hostile,
  },
];
