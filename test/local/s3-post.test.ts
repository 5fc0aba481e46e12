import { createHmac } from "node:crypto";
import { GetObjectCommand, GetObjectTaggingCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REGION, type Running } from "./gateway-fixture.ts";
import { bucketResource, clientFor, elementOf, startS3 } from "./s3-kit.ts";

const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

describe("Uploads from a form", () => {
  let running: Running;
  let s3: S3Client;
  beforeAll(async () => {
    running = await startS3([bucketResource("forms")]);
    s3 = clientFor(running);
  });
  afterAll(async () => {
    s3.destroy();
    await running.stop();
  });

  /** A form whose policy is signed as pages get it from a server. */
  const form = (conditions: unknown[], fields: Record<string, string>, lifeMs = 60_000) => {
    const { accessKeyId, secretAccessKey } = running.cloud.credentials.developer;
    const now = running.clock.now();
    const date = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
    const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
    const common = {
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": `${accessKeyId}/${scope}`,
      "x-amz-date": date,
    };
    const document = {
      expiration: new Date(now + lifeMs).toISOString(),
      conditions: [
        { bucket: "forms" },
        ...Object.entries(common).map(([name, value]) => ({ [name]: value })),
        ...conditions,
      ],
    };
    const policy = Buffer.from(JSON.stringify(document)).toString("base64");
    const key = scope.split("/").reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
    const signature = hmac(key, policy).toString("hex");
    return { ...fields, ...common, policy, "x-amz-signature": signature };
  };

  const post = async (
    fields: Record<string, string>,
    file: string | undefined = "file text",
    name = "my file.txt",
  ) => {
    const data = new FormData();
    for (const [field, value] of Object.entries(fields)) data.append(field, value);
    if (file !== undefined) data.append("file", new Blob([file], { type: "image/png" }), name);
    const answer = await fetch(`${running.gateway.endpoint}/forms`, {
      method: "POST",
      body: data,
      redirect: "manual",
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      text,
      code: elementOf(text, "Code"),
      message: elementOf(text, "Message"),
    };
  };
  const stored = async (Key: string) => {
    const got = await s3.send(new GetObjectCommand({ Bucket: "forms", Key }));
    return { ...got, text: await got.Body?.transformToString() };
  };

  const CONDITIONS = [
    ["starts-with", "$key", "up/"],
    ["starts-with", "$Content-Type", "image/"],
    ["content-length-range", 1, 100],
    ["starts-with", "$x-amz-meta-mood", ""],
  ];
  const FIELDS = { key: `up/$${"{filename}"}`, "Content-Type": "image/png", "x-amz-meta-mood": "glad" };

  it("are stored under the name of the file, with the fields' headers", async () => {
    const answer = await post(form(CONDITIONS, FIELDS));
    expect([answer.status, answer.text]).toEqual([204, ""]);
    expect(answer.headers.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
    const { text, ContentType, Metadata } = await stored("up/my file.txt");
    expect({ text, ContentType, Metadata }).toEqual({
      text: "file text",
      ContentType: "image/png",
      Metadata: { mood: "glad" },
    });
  });

  it("are answered as the form wishes", async () => {
    const wish = (name: string, value: string) =>
      post(form([...CONDITIONS, ["starts-with", `$${name}`, ""]], { ...FIELDS, [name]: value }));
    const made = await wish("success_action_status", "201");
    expect(made.status).toBe(201);
    expect(elementOf(made.text, "Key")).toBe("up/my file.txt");
    expect(elementOf(made.text, "Bucket")).toBe("forms");
    const sent = await wish("success_action_redirect", "https://app.example.com/done?a=1");
    expect(sent.status).toBe(303);
    expect(sent.headers.get("location")).toMatch(
      /^https:\/\/app\.example\.com\/done\?a=1&bucket=forms&key=up%2Fmy\+file\.txt&etag=%22/,
    );
  });

  it("carry tags", async () => {
    const tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>b c</Value></Tag></TagSet></Tagging>";
    expect((await post(form([...CONDITIONS, { tagging }], { ...FIELDS, tagging }))).status).toBe(204);
    const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: "forms", Key: "up/my file.txt" }));
    expect(TagSet).toEqual([{ Key: "a", Value: "b c" }]);
  });

  it.each([
    [
      "another key",
      { key: "down/x" },
      {},
      403,
      "AccessDenied",
      'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "up/"]',
    ],
    [
      "a field it does not speak of",
      { acl: "private" },
      {},
      403,
      "AccessDenied",
      "Invalid according to Policy: Extra input fields: acl",
    ],
    [
      "a forged signature",
      { "x-amz-signature": "00".repeat(32) },
      {},
      403,
      "SignatureDoesNotMatch",
      undefined,
    ],
    [
      "an unknown key",
      { "x-amz-credential": `AKIANOBODY/20260101/${REGION}/s3/aws4_request` },
      {},
      403,
      "InvalidAccessKeyId",
      undefined,
    ],
    [
      "too much",
      {},
      { file: "x".repeat(101) },
      400,
      "EntityTooLarge",
      "Your proposed upload exceeds the maximum allowed size",
    ],
    [
      "too little",
      {},
      { file: "" },
      400,
      "EntityTooSmall",
      "Your proposed upload is smaller than the minimum allowed size",
    ],
  ])(
    "are refused with %s",
    async (_, fields, { file = "text" }: { file?: string }, status, code, message) => {
      const answer = await post({ ...form(CONDITIONS, { ...FIELDS, key: "up/refused" }), ...fields }, file);
      expect([answer.status, answer.code]).toEqual([status, code]);
      if (message !== undefined) expect(answer.message?.replaceAll("&quot;", '"')).toBe(message);
      await expect(stored("up/refused")).rejects.toMatchObject({ name: "NoSuchKey" });
    },
  );

  it("are refused without a key, a file, a policy, or in time", async () => {
    const { key: _, ...keyless } = FIELDS;
    expect((await post(form(CONDITIONS, keyless))).message).toContain("must contain a field named 'key'");
    const late = form(CONDITIONS, FIELDS, -1_000);
    expect((await post(late)).message).toBe("Invalid according to Policy: Policy expired.");
    expect((await post({ key: "x" })).code).toBe("AccessDenied");
    expect((await post({ key: "x", policy: "e30=" })).code).toBe("InvalidArgument");
    const data = new FormData();
    data.append("key", "x");
    const none = await fetch(`${running.gateway.endpoint}/forms`, { method: "POST", body: data });
    expect(elementOf(await none.text(), "Message")).toBe(
      "POST requires exactly one file upload per request.",
    );
    const json = await fetch(`${running.gateway.endpoint}/forms`, {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json" },
    });
    expect(json.status).toBe(412);
    const cut = await fetch(`${running.gateway.endpoint}/forms`, {
      method: "POST",
      body: '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\n',
      headers: { "content-type": "multipart/form-data; boundary=x" },
    });
    expect(cut.status).toBe(400);
  });
});
