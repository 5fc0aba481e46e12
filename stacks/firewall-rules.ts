/** Rules of a web ACL. */
export type AclRules = NonNullable<ConstructorParameters<typeof aws.wafv2.WebAcl>[1]["rules"]>;

// Rules of AWS's common set that would refuse what a visitor may rightly send: long addresses as a query, and addresses
// of any host in a query or a body. Our own validation judges those.
const counted = [
  "SizeRestrictions_BODY",
  "SizeRestrictions_QUERYSTRING",
  "GenericRFI_BODY",
  "GenericRFI_QUERYARGUMENTS",
];

/** Metrics and samples of a rule. */
export const visible = (metricName: string) => ({
  cloudwatchMetricsEnabled: true,
  metricName,
  sampledRequestsEnabled: true,
});

const managed = (name: string, priority: number, overrides: string[] = []) => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: {
    managedRuleGroupStatement: {
      vendorName: "AWS",
      name,
      ruleActionOverrides: overrides.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
    },
  },
  visibilityConfig: visible(name),
});

/** At most 10,000 requests in five minutes from one address, and what AWS knows to be bad. */
export const firewallRules = (byAddress: Record<string, unknown>): $util.Unwrap<AclRules> => [
  {
    name: "RateLimit",
    priority: 1,
    action: { block: {} },
    statement: {
      rateBasedStatement: {
        limit: 10_000,
        ...byAddress,
        aggregateKeyType: String(byAddress.aggregateKeyType),
      },
    },
    visibilityConfig: visible("RateLimit"),
  },
  managed("AWSManagedRulesAmazonIpReputationList", 2),
  managed("AWSManagedRulesCommonRuleSet", 3, counted),
  managed("AWSManagedRulesKnownBadInputsRuleSet", 4),
];
