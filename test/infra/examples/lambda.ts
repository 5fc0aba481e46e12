import { arnOf, but, type Example, made, plus, without } from "../kit/example.ts";

const FUNCTION = "aws:lambda/function:Function";

const fn = (name: string, inputs: Record<string, unknown> = {}) =>
  made(FUNCTION, name, {
    runtime: "nodejs24.x",
    memorySize: 512,
    timeout: 10,
    architectures: ["arm64"],
    tracingConfig: { mode: "Active" },
    loggingConfig: { logFormat: "JSON", logGroup: `/aws/lambda/${name}` },
    role: `role-of-${name}`,
    environment: { variables: { TABLE: "links" } },
    ...inputs,
  });

const log = (name: string) =>
  made(
    "aws:cloudwatch/logGroup:LogGroup",
    `${name}Log`,
    { retentionInDays: 30 },
    { name: `/aws/lambda/${name}` },
  );

const filter = made("aws:cloudwatch/logSubscriptionFilter:LogSubscriptionFilter", "Lines", {
  destinationArn: arnOf("lambda", "One"),
});

const failures = made("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig", "Failures", {
  functionName: "One",
  destinationConfig: { onFailure: { destination: arnOf("sqs", "Lost") } },
});

const target = made("aws:cloudwatch/eventTarget:EventTarget", "Target", {
  arn: `${arnOf("lambda", "Two")}:live`,
});
const schedule = made("aws:scheduler/schedule:Schedule", "Schedule", {
  target: { arn: arnOf("lambda", "Two") },
});
const topic = made("aws:sns/topicSubscription:TopicSubscription", "Heard", {
  endpoint: arnOf("lambda", "Two"),
});
const uploads = made("aws:s3/bucketNotification:BucketNotification", "Uploads", {
  lambdaFunctions: [{ lambdaFunctionArn: arnOf("lambda", "Two") }],
});
const consumer = made("aws:lambda/eventSourceMapping:EventSourceMapping", "Consumer", {
  eventSourceArn: arnOf("sqs", "Work"),
  functionName: "Two",
  scalingConfig: { maximumConcurrency: 5 },
});

const variables = (more: Record<string, string>) => but("One", { environment: { variables: more } });

/** Functions, from runtime to role. */
export const lambdaExamples: readonly Example[] = [
  { rule: 1, kept: [fn("One")], broken: { "an old runtime": but("One", { runtime: "nodejs20.x" }) } },
  {
    rule: 2,
    kept: [fn("One")],
    broken: {
      "no memory": but("One", { memorySize: undefined }),
      "no timeout": but("One", { timeout: undefined }),
    },
  },
  {
    rule: 3,
    kept: [fn("One")],
    broken: {
      x86: but("One", { architectures: ["x86_64"] }),
      unstated: but("One", { architectures: undefined }),
    },
  },
  {
    rule: 4,
    kept: [fn("One")],
    broken: { "passed through": but("One", { tracingConfig: { mode: "PassThrough" } }) },
  },
  {
    rule: 5,
    kept: [fn("One", { reservedConcurrentExecutions: 5 }), fn("Two"), filter, consumer],
    broken: {
      "log lines without bound": but("One", { reservedConcurrentExecutions: undefined }),
      "a queue without bound": but("Consumer", { scalingConfig: undefined }),
      "events beside the bounded queue": (kept) => [
        ...kept.map((r) =>
          r.name === "Consumer" ? { ...r, inputs: { ...r.inputs, scalingConfig: {} } } : r,
        ),
        target,
      ],
    },
  },
  {
    rule: 6,
    kept: [
      fn("One"),
      fn("Two", { deadLetterConfig: { targetArn: arnOf("sqs", "Lost") } }),
      filter,
      failures,
      target,
    ],
    broken: {
      "log lines lost": without("Failures"),
      "a config without a destination": but("Failures", { destinationConfig: {} }),
      "events lost": but("Two", { deadLetterConfig: undefined }),
      ...Object.fromEntries(
        [schedule, topic, uploads].map((source) => [
          `${source.name} lost`,
          (kept) => [...kept.filter((r) => r !== target && r.name !== "Two"), fn("Two"), source],
        ]),
      ),
    } as Example["broken"],
  },
  {
    rule: 7,
    kept: [fn("One"), log("One"), fn("Two"), log("Two")],
    broken: {
      "no group": without("OneLog"),
      "no retention": but("OneLog", { retentionInDays: undefined }),
      forever: but("OneLog", { retentionInDays: 0 }),
      "a shared group": but("Two", { loggingConfig: { logFormat: "JSON", logGroup: "/aws/lambda/One" } }),
    },
  },
  { rule: 8, kept: [fn("One")], broken: { text: but("One", { loggingConfig: { logFormat: "Text" } }) } },
  {
    rule: 9,
    kept: [fn("One")],
    broken: {
      "a password": variables({ DB_PASSWORD: "x" }),
      "a secret": variables({ CLIENT_SECRET: "x" }),
      "an API key": variables({ STRIPE_API_KEY: "x" }),
      "a key of AWS under another name": variables({ HINT: "AKIAIOSFODNN7EXAMPLE" }),
      "a private key under another name": variables({ PEM: "-----BEGIN RSA PRIVATE KEY-----" }),
    },
  },
  {
    rule: 10,
    kept: [made("aws:lambda/functionUrl:FunctionUrl", "Url", { authorizationType: "AWS_IAM" })],
    broken: { open: but("Url", { authorizationType: "NONE" }) },
  },
  {
    rule: 11,
    kept: [
      made("aws:lambda/permission:Permission", "Allowed", {
        principal: "events.amazonaws.com",
        sourceArn: arnOf("events", "rule"),
      }),
    ],
    broken: { "any source": but("Allowed", { sourceArn: undefined }) },
  },
  {
    rule: 12,
    kept: [fn("One"), fn("Two")],
    broken: { "one role for two": plus(fn("Three", { role: "role-of-One" })) },
  },
];
