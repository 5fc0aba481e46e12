import { usagePlan } from "#core/limits/policies.schema.ts";

/** The key of the usage plan. It says who calls and is handed to whoever signs in: no secret, and no enforcement. */
export const usageKey = () => {
  const { result: value } = new random.RandomPassword("LimitsApiKeyValue", { length: 40, special: false });
  return { value, link: new sst.Linkable("LimitsUsageKey", { properties: { value } }) };
};

/** Grants the key its rate, burst and requests a day. After the API is deployed: a plan is of a stage. */
export const grantUsage = (api: sst.aws.ApiGatewayV1, value: $util.Input<string>) =>
  api
    .addUsagePlan("LimitsPlan", {
      throttle: { rate: usagePlan.rate, burst: usagePlan.burst },
      quota: { limit: usagePlan.perDay, period: "day" },
    })
    .addApiKey("LimitsKey", { value });
