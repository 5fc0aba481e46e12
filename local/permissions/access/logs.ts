import { anything, arnOf, own, type ServiceCall, type Table, text } from "./access.ts";

const group = ({ input }: ServiceCall) =>
  text(input.logGroupName) ||
  /log-group:([^:]+)/.exec(text(input.logGroupIdentifier) || text(input.resourceArn))?.[1] ||
  text(input.logGroupIdentifier);

/** CloudWatch Logs asks about a group as about its streams: the ARN ends in `:log-stream:` and the stream's name. */
const ofStream = (call: ServiceCall) =>
  arnOf(call, "logs", `log-group:${group(call)}:log-stream:${text(call.input.logStreamName)}`);

const ofGroup = (call: ServiceCall) => arnOf(call, "logs", `log-group:${group(call)}`);

/** Operations of CloudWatch Logs, with the resources its refusals name. */
export const logs: Table = {
  ...own(
    "logs",
    `CreateLogGroup DeleteLogGroup CreateLogStream DeleteLogStream PutLogEvents GetLogEvents FilterLogEvents
     DescribeLogStreams DescribeLogGroups DescribeSubscriptionFilters PutSubscriptionFilter DeleteSubscriptionFilter
     PutRetentionPolicy DeleteRetentionPolicy DescribeMetricFilters PutMetricFilter DeleteMetricFilter StartQuery
     StartLiveTail GetLogGroupFields`,
    ofStream,
  ),
  ...own(
    "logs",
    "TagResource UntagResource ListTagsForResource TagLogGroup UntagLogGroup ListTagsLogGroup",
    ofGroup,
  ),
  ...own("logs", "GetQueryResults StopQuery DescribeQueries TestMetricFilter DescribeDestinations", anything),
};
