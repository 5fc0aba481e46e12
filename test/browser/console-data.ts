import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { SESv2Client, SendEmailCommand } from "@aws-sdk/client-sesv2";
import {
  CreatePlatformEndpointCommand,
  ListPlatformApplicationsCommand,
  ListTopicsCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import { byType } from "../../local/graph/graph.ts";
import type { Running } from "../../local/start.ts";

/** The developer's own settings, for any client. */
export const clientSettings = ({ cloud }: Running) => ({
  endpoint: cloud.endpoint,
  region: cloud.graph.region,
  credentials: cloud.credentials.developer,
});

/** Objects in two buckets: folders, metadata, tags, versions, a delete marker. */
export const storeObjects = async (app: Running): Promise<void> => {
  const s3 = new S3Client({ ...clientSettings(app), forcePathStyle: true });
  for (const Bucket of ["covers", "scans"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const put = (Bucket: string, Key: string, Body: string, more: object = {}) =>
    s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "text/plain", ...more }));
  await put("covers", "readme.txt", "Covers of the library's books.", {
    Metadata: { author: "desk", shelf: "7b" },
    Tagging: "kind=notes&lang=en",
  });
  for (const name of ["austen.txt", "brontë.txt", "eliot & co.txt"])
    await put("covers", `2026/${name}`, name.repeat(900));
  await put("covers", "2026/winter/woolf.txt", "Woolf");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: "scans", VersioningConfiguration }));
  for (const text of ["first draft", "second draft", "third"]) await put("scans", "draft.txt", text);
  await put("scans", "lost.txt", "gone soon");
  await s3.send(new DeleteObjectCommand({ Bucket: "scans", Key: "lost.txt" }));
  s3.destroy();
};

const html = `<!doctype html><html><body style="font-family:Georgia,serif;max-width:34rem;margin:1.5rem auto;color:#222">
<h1 style="font-weight:400">Your book is waiting</h1><p>Dear reader, <b>Middlemarch</b> is at the desk until Friday.</p>
<script>parent.postMessage("escaped", "*"); document.title = "ran"</script>
<img src="https://example.com/spy.gif" alt="" width="1" height="1" onerror="parent.postMessage('escaped','*')">
<p><a href="https://library.example/loans" style="background:#0b6b5d;color:#fff;padding:.6rem 1rem;text-decoration:none">See your loans</a></p></body></html>`;

/** Letters from the sender that the fixture declares: one with HTML and a file, one that bounces, one in plain text. */
export const sendLetters = async (app: Running): Promise<void> => {
  const ses = new SESv2Client(clientSettings(app));
  const [identity] = byType(app.cloud.graph, "aws:sesv2/emailIdentity:EmailIdentity");
  const [set] = byType(app.cloud.graph, "aws:sesv2/configurationSet:ConfigurationSet");
  const send = (to: string, subject: string, body: object, more: object = {}) =>
    ses.send(
      new SendEmailCommand({
        FromEmailAddress: String(identity?.inputs.emailIdentity),
        ...(set && { ConfigurationSetName: String(set.inputs.configurationSetName) }),
        Destination: { ToAddresses: [to] },
        Content: { Simple: { Subject: { Data: subject }, Body: body, ...more } },
      }),
    );
  await send("bounce@simulator.amazonses.com", "To nobody", { Text: { Data: "Returned to sender." } });
  await send("dorothea@example.com", "Opening hours", { Text: { Data: "Nine to five, as ever." } });
  const files = [
    { FileName: "receipt.txt", RawContent: Buffer.from("One book, no fee."), ContentType: "text/plain" },
  ];
  await send(
    "george@example.com",
    "Your book is waiting",
    { Html: { Data: html }, Text: { Data: "Middlemarch is at the desk until Friday." } },
    { Attachments: files },
  );
  ses.destroy();
};

/** A text message, a push to a phone, mail from a topic, and an endpoint that has not confirmed. */
export const publishNotices = async (app: Running): Promise<void> => {
  const sns = new SNSClient(clientSettings(app));
  const { Topics = [] } = await sns.send(new ListTopicsCommand({}));
  const TopicArn = Topics.find(({ TopicArn: arn }) => arn?.includes("Notices"))?.TopicArn;
  const { PlatformApplications = [] } = await sns.send(new ListPlatformApplicationsCommand({}));
  const { EndpointArn } = await sns.send(
    new CreatePlatformEndpointCommand({
      PlatformApplicationArn: PlatformApplications[0]?.PlatformApplicationArn,
      Token: "reader-phone-1",
      CustomUserData: "george",
    }),
  );
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: "george@example.com" }));
  await sns.send(new PublishCommand({ PhoneNumber: "+447700900123", Message: "Your loan ends tomorrow." }));
  const notification = { title: "The library", body: "Middlemarch is waiting for you at the desk." };
  const GCM = JSON.stringify({ notification, data: { isbn: "9780141439549" } });
  await sns.send(
    new PublishCommand({
      TargetArn: EndpointArn,
      MessageStructure: "json",
      Message: JSON.stringify({ default: "Waiting", GCM }),
    }),
  );
  await sns.send(
    new PublishCommand({ TopicArn, Subject: "Closed on Friday", Message: "We are closed on Friday." }),
  );
  sns.destroy();
};
