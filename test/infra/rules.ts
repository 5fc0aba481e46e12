import type { Rule } from "./kit/rule.ts";
import { apiRules } from "./rules/api.ts";
import { dataRules } from "./rules/data.ts";
import { edgeRules } from "./rules/edge.ts";
import { eventRules } from "./rules/events.ts";
import { iamRules } from "./rules/iam.ts";
import { lambdaRules } from "./rules/lambda.ts";
import { messagingRules } from "./rules/messaging.ts";
import { operationRules } from "./rules/operations.ts";
import { sourceRules } from "./rules/sources.ts";

/** The fifty rules, by number. */
export const rules: readonly Rule[] = [
  ...lambdaRules,
  ...iamRules,
  ...sourceRules,
  ...messagingRules,
  ...eventRules,
  ...apiRules,
  ...dataRules,
  ...edgeRules,
  ...operationRules,
].toSorted((a, b) => a.number - b.number);
