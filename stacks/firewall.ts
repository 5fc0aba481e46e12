import { createHash } from "node:crypto";
import { type AclRules, firewallRules, visible } from "./firewall-rules.ts";
import type { Platform } from "./platform.ts";

/** Our rules in place of SST's own. */
export const edgeFirewall = () => ({
  waf: (acl: { rules?: AclRules }) => {
    acl.rules = firewallRules({ aggregateKeyType: "IP" });
    return undefined;
  },
});

/**
 * What only the edge knows. The edge's function adds it, with the visitor's address, to every request to the API, in place of any
 * that came with it. Functions know the key by its hash: that is enough to tell who came through the edge, and nothing to
 * come by. The key stays as long as the stage does: changed, visitors would be counted as the edge until all is deployed.
 */
export const edgeKey = () => {
  const { result } = new random.RandomPassword("EdgeKey", { length: 48, special: false });
  const sha256 = $util.output(result).apply((key) => createHash("sha256").update(key).digest("hex"));
  const injection = $interpolate`
  event.request.headers["x-edge-key"] = { value: "${result}" };
  event.request.headers["x-viewer-ip"] = { value: event.viewer.ip };`;
  return { value: result, injection, environment: { EDGE_KEY_SHA256: sha256 } };
};

/** The API's own firewall: it answers to the edge alone, which names the visitor to be counted. */
export const apiFirewall = ({ api }: Platform, key: $util.Input<string>) => {
  const acl = new aws.wafv2.WebAcl("ApiWaf", {
    scope: "REGIONAL",
    defaultAction: { allow: {} },
    visibilityConfig: visible("ApiWaf"),
    rules: [
      {
        name: "OnlyThroughTheEdge",
        priority: 0,
        action: { block: {} },
        statement: { notStatement: { statements: [{ byteMatchStatement: bears("x-edge-key", key) }] } },
        visibilityConfig: visible("OnlyThroughTheEdge"),
      },
      ...firewallRules({
        aggregateKeyType: "FORWARDED_IP",
        forwardedIpConfig: { headerName: "x-viewer-ip", fallbackBehavior: "MATCH" },
      }),
    ],
  });
  const stage = api.nodes.stage;
  if (stage)
    new aws.wafv2.WebAclAssociation("ApiWafAssociation", { resourceArn: stage.arn, webAclArn: acl.arn });
  // AWS takes only groups whose name begins like this.
  const log = new aws.cloudwatch.LogGroup("ApiWafLog", {
    name: `aws-waf-logs-${$app.name}-${$app.stage}-api`,
    retentionInDays: 30,
  });
  new aws.wafv2.WebAclLoggingConfiguration("ApiWafLogging", {
    resourceArn: acl.arn,
    logDestinationConfigs: [log.arn],
    redactedFields: [
      { queryString: {} },
      ...["cookie", "authorization", "x-edge-key"].map((name) => ({ singleHeader: { name } })),
    ],
  });
};

const bears = (name: string, value: $util.Input<string>) => ({
  fieldToMatch: { singleHeader: { name } },
  positionalConstraint: "EXACTLY",
  searchString: value,
  textTransformations: [{ priority: 0, type: "NONE" }],
});
