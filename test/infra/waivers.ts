/** An objection that is accepted, with its reason. One that nothing needs any more fails. */
export interface Waiver {
  readonly rule: number;
  /** The one stage it holds for: any by default. */
  readonly stage?: "default" | "production";
  /** Which resources, and which of the rule's objections. */
  readonly resource: RegExp;
  readonly why: RegExp;
  readonly reason: string;
}

/** Every waiver there is. */
// biome-ignore format: one line each
export const waivers: readonly Waiver[] = [
  { rule: 5, stage: "default", resource: /^ShortenerCountClicks/, why: /burst/, reason: "A young account may run 10 functions at once, and AWS lets nobody reserve any of them" },
  { rule: 9, resource: /Function$/, why: /^SST_KEY looks/, reason: "SST's own: it opens the file of links in the function's bundle, and nothing else" },
  { rule: 14, stage: "production", resource: /Role$/, why: /^may ec2:(Create|Delete)NetworkInterface |^may ec2:(Una|A)ssignPrivateIpAddresses /, reason: "Lambda makes a function's interfaces by its role, and takes no narrower right; the function itself is denied it" },
  { rule: 26, stage: "default", resource: /^Alerts$/, why: /not encrypted/, reason: "CloudWatch needs a key of ours to publish to an encrypted topic: $1 a month while idle. Messages name metrics only" },
  { rule: 36, resource: /auth\/(refresh|sign-out)$/, why: /no model/, reason: "Takes a cookie and no body" },
  { rule: 36, resource: /^POST \/\{hash\}$/, why: /no model/, reason: "Takes a form, and API Gateway's models are of JSON" },
  { rule: 42, resource: /^EdgeCdn/, why: /TLS older/, reason: "CloudFront's own certificate fixes TLSv1; set SHORT_DOMAINS and it is TLSv1.2_2021 (tested below)" },
  { rule: 46, stage: "default", resource: /Function$/, why: /Errors|Throttles|Duration/, reason: "Ten alarms are free of charge: AnyErrors and AnyThrottles watch all functions of the account together" },
  { rule: 46, stage: "default", resource: /Queue$/, why: /ApproximateAgeOfOldestMessage/, reason: "Ten alarms are free of charge: what fails for good is told by the depth of its dead-letter queue" },
];
