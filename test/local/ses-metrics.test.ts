import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from "@aws-sdk/client-cloudwatch";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { expect, it } from "vitest";
import { type CloudWatchService, cloudwatch } from "../../local/services/cloudwatch/cloudwatch.ts";
import { events } from "../../local/services/eventbridge/events.ts";
import { ses } from "../../local/services/ses/ses.ts";
import { sns } from "../../local/services/sns/sns.ts";
import { clientConfig, graphOf, startCloud, until } from "./gateway-fixture.ts";
import { mailResources, simple } from "./ses-fixture.ts";

it("a CloudWatch destination counts mails by its dimensions, whatever they are called", async () => {
  const watch = mailResources.map((resource) => {
    if (resource.name !== "watch") return resource;
    const dimensionConfigurations = ["campaign", "Send"].map((dimensionName) => ({
      dimensionName,
      dimensionValueSource: "MESSAGE_TAG",
      defaultDimensionValue: "none",
    }));
    const eventDestination = {
      enabled: true,
      matchingEventTypes: ["SEND"],
      cloudWatchDestination: { dimensionConfigurations },
    };
    return { ...resource, inputs: { ...resource.inputs, eventDestination } };
  });
  let metrics: CloudWatchService | undefined;
  const running = await startCloud({
    graph: graphOf(watch),
    services: [
      events,
      sns,
      (cloud) => {
        metrics = cloudwatch(cloud, { queues: () => [], functions: () => [] });
        return metrics;
      },
      (cloud) => ses(cloud, { metric: (metric) => metrics?.put(metric) }),
    ],
  });
  const [mails, watched] = [
    new SESv2Client(clientConfig(running)),
    new CloudWatchClient(clientConfig(running)),
  ];
  try {
    const EmailTags = [{ Name: "campaign", Value: "autumn" }];
    for (const to of ["a@reader.example", "b@reader.example"])
      await mails.send(new SendEmailCommand(simple([to], { EmailTags })));
    const Dimensions = [
      { Name: "campaign", Value: "autumn" },
      { Name: "Send", Value: "none" },
    ];
    const asked = {
      ...{
        Namespace: "AWS/SES",
        MetricName: "Send",
        Dimensions,
        Period: 3_600,
        Statistics: ["Sum" as const],
      },
      StartTime: new Date(Date.now() - 3_600_000),
      EndTime: new Date(Date.now() + 3_600_000),
    };
    const sums = async () => (await watched.send(new GetMetricStatisticsCommand(asked))).Datapoints ?? [];
    await until(async () => (await sums()).reduce((all, { Sum = 0 }) => all + Sum, 0) === 2);
    const listed = await watched.send(new ListMetricsCommand({ Namespace: "AWS/SES", Dimensions }));
    expect(listed.Metrics).toHaveLength(1);
    expect((await sums())[0]?.Unit).toBe("Count");
  } finally {
    for (const client of [mails, watched]) client.destroy();
    await running.stop();
  }
});
