import { type Access, anything, arnOf, own, type ServiceCall, type Table, text } from "./access.ts";

/** A topic, an endpoint, or a telephone number: SNS names the number itself as the resource. */
const publishes = (call: ServiceCall): Access[] => {
  const { TopicArn, TargetArn, PhoneNumber } = call.input;
  return [{ action: "sns:Publish", resource: text(TopicArn) || text(TargetArn) || text(PhoneNumber) || "*" }];
};

const subscribes = (call: ServiceCall): Access[] => [
  {
    action: "sns:Subscribe",
    resource: text(call.input.TopicArn),
    context: () => ({
      "sns:Protocol": text(call.input.Protocol),
      ...(text(call.input.Endpoint) ? { "sns:Endpoint": text(call.input.Endpoint) } : {}),
    }),
  },
];

const ofTopic = (call: ServiceCall) => text(call.input.TopicArn) || text(call.input.ResourceArn);
/** A subscription's topic: its ARN without the last part. */
const ofSubscription = (call: ServiceCall) =>
  text(call.input.SubscriptionArn).split(":").slice(0, 6).join(":");
const ofApplication = (call: ServiceCall) => text(call.input.PlatformApplicationArn);
const ofEndpoint = (call: ServiceCall) => text(call.input.EndpointArn);

/** Operations of SNS. Source: service authorization reference, Amazon SNS. */
export const sns: Table = {
  Publish: publishes,
  PublishBatch: publishes,
  Subscribe: subscribes,
  CreateTopic: (call) => [{ action: "sns:CreateTopic", resource: arnOf(call, "sns", text(call.input.Name)) }],
  ...own(
    "sns",
    `DeleteTopic GetTopicAttributes SetTopicAttributes ListSubscriptionsByTopic ConfirmSubscription AddPermission
     RemovePermission GetDataProtectionPolicy PutDataProtectionPolicy TagResource UntagResource ListTagsForResource`,
    ofTopic,
  ),
  ...own("sns", "Unsubscribe GetSubscriptionAttributes SetSubscriptionAttributes", ofSubscription),
  ...own(
    "sns",
    `CreatePlatformEndpoint DeletePlatformApplication GetPlatformApplicationAttributes
     SetPlatformApplicationAttributes ListEndpointsByPlatformApplication`,
    ofApplication,
  ),
  ...own("sns", "DeleteEndpoint GetEndpointAttributes SetEndpointAttributes", ofEndpoint),
  ...own(
    "sns",
    `ListTopics ListSubscriptions ListPlatformApplications CreatePlatformApplication CheckIfPhoneNumberIsOptedOut
     OptInPhoneNumber ListPhoneNumbersOptedOut GetSMSAttributes SetSMSAttributes GetSMSSandboxAccountStatus
     CreateSMSSandboxPhoneNumber DeleteSMSSandboxPhoneNumber VerifySMSSandboxPhoneNumber
     ListSMSSandboxPhoneNumbers ListOriginationNumbers`,
    anything,
  ),
};
