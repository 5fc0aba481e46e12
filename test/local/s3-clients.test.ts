import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REGION, type Running } from "./gateway-fixture.ts";
import { about, bucketResource, startS3 } from "./s3-kit.ts";

// Debian's own clients, as people have them: what they send is what S3 must take.
const run = promisify(execFile);

const AWAY = new Date("2024-02-29T12:34:56Z");
const NAMES = [
  "plain.txt",
  "with space & (brackets)+plus.txt",
  "ünïcödé/日本.txt",
  "deep/er/file.bin",
  "empty",
];

const hashOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

describe("Clients of S3", () => {
  let running: Running;
  let folder: string;
  let source: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    // Debian's rclone sends `x-amz-acl: private` whatever one says: S3 takes it where ACLs are not switched off
    const names = ["shelf", "tower", "kept"];
    running = await startS3(
      names.flatMap((name) => [
        bucketResource(name),
        about("bucketOwnershipControls", name, { rule: { objectOwnership: "BucketOwnerPreferred" } }),
      ]),
    );
    folder = mkdtempSync(join(tmpdir(), "s3-clients-"));
    source = join(folder, "source");
    for (const name of NAMES) {
      const file = join(source, name);
      mkdirSync(join(file, ".."), { recursive: true });
      writeFileSync(
        file,
        name === "empty" ? "" : name.endsWith(".bin") ? randomBytes(200_000) : `text of ${name}`,
      );
      utimesSync(file, AWAY, AWAY);
    }
    writeFileSync(join(source, "large.bin"), randomBytes(21_000_000));
    const { accessKeyId, secretAccessKey } = running.cloud.credentials.developer;
    env = {
      PATH: "/usr/bin:/bin",
      HOME: folder,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: "true",
      RCLONE_CONFIG: join(folder, "none.conf"),
      RCLONE_CONFIG_HERE_TYPE: "s3",
      RCLONE_CONFIG_HERE_PROVIDER: "Minio", // as AWS it would insist on virtual hosts, which need a name server
      RCLONE_CONFIG_HERE_ENV_AUTH: "true",
      RCLONE_CONFIG_HERE_REGION: REGION,
      RCLONE_CONFIG_HERE_ENDPOINT: running.gateway.endpoint,
      RCLONE_CONFIG_HERE_FORCE_PATH_STYLE: "true",
      RCLONE_LOW_LEVEL_RETRIES: "1",
      RCLONE_RETRIES: "1",
      RCLONE_CONFIG_HERE_UPLOAD_CUTOFF: "5M",
      RCLONE_CONFIG_HERE_CHUNK_SIZE: "5M",
    };
    writeFileSync(
      join(folder, ".s3cfg"),
      [
        "[default]",
        `access_key = ${accessKeyId}`,
        `secret_key = ${secretAccessKey}`,
        `host_base = 127.0.0.1:${running.gateway.port}`,
        `host_bucket = 127.0.0.1:${running.gateway.port}`,
        `bucket_location = ${REGION}`,
        "use_https = False",
        "multipart_chunk_size_mb = 5",
        "enable_multipart = True",
      ].join("\n"),
    );
  });
  afterAll(async () => {
    await running.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const options = () => ({ env, timeout: 25_000, maxBuffer: 10_000_000 });
  const rclone = async (...args: string[]) => (await run("/usr/bin/rclone", args, options())).stdout;
  const s3cmd = async (...args: string[]) => (await run("/usr/bin/s3cmd", args, options())).stdout;
  const aws = async (...args: string[]) =>
    (await run("/usr/bin/aws", ["--endpoint-url", running.gateway.endpoint, ...args], options())).stdout;
  const curl = async (...args: string[]) => (await run("curl", ["-sS", ...args], options())).stdout;

  const same = (down: string) => {
    for (const name of [...NAMES, "large.bin"]) {
      expect(hashOf(join(down, name)), name).toBe(hashOf(join(source, name)));
    }
  };

  describe("rclone", () => {
    it("syncs a folder up, in parts where files are large, and down again with its times", async () => {
      await rclone("sync", source, "here:shelf/rc");
      const down = join(folder, "rc");
      await rclone("sync", "here:shelf/rc", down);
      same(down);
      expect(statSync(join(down, "plain.txt")).mtimeMs).toBe(AWAY.getTime());
      expect(await rclone("check", source, "here:shelf/rc")).toBe("");
    });

    it("copies nothing twice, copies on the server, moves and deletes", async () => {
      const { stderr } = await run("/usr/bin/rclone", ["sync", "-v", source, "here:shelf/rc"], options());
      expect(stderr).toContain("There was nothing to transfer");
      await rclone("copy", "here:shelf/rc", "here:tower/copy");
      await rclone("moveto", "here:tower/copy/plain.txt", "here:tower/copy/moved.txt");
      const names = (await rclone("lsf", "-R", "--files-only", "here:tower/copy")).trim().split("\n").sort();
      expect(names).toEqual(
        [...NAMES.filter((name) => name !== "plain.txt"), "large.bin", "moved.txt"].sort(),
      );
      await rclone("purge", "here:tower/copy");
      expect(await rclone("lsf", "-R", "here:tower")).toBe("");
    });

    it("lists old versions, once the bucket keeps them", async () => {
      await rclone("backend", "versioning", "here:kept", "Enabled").catch(() =>
        aws(
          "s3api",
          "put-bucket-versioning",
          "--bucket",
          "kept",
          "--versioning-configuration",
          "Status=Enabled",
        ),
      );
      await rclone("copyto", join(source, "plain.txt"), "here:kept/note.txt");
      await rclone("copyto", join(source, "empty"), "here:kept/note.txt");
      const names = (await rclone("lsf", "--s3-versions", "here:kept")).trim().split("\n");
      expect(names).toHaveLength(2);
      expect(names.some((name) => /^note-v\d{4}-\d\d-\d\d-\d{6}-\d{3}\.txt$/.test(name))).toBe(true);
    });

    it("makes a link that others can open", async () => {
      const link = (await rclone("link", "--expire", "5m", "here:shelf/rc/plain.txt")).trim();
      expect(await curl(link)).toBe("text of plain.txt");
    });
  });

  describe("s3cmd", () => {
    it("syncs a folder up, in parts where files are large, and down again", async () => {
      await s3cmd("sync", `${source}/`, "s3://shelf/cmd/");
      const down = join(folder, "cmd");
      mkdirSync(down);
      await s3cmd("sync", "s3://shelf/cmd/", `${down}/`);
      same(down);
    });

    it("tells of an object, its type and its digest", async () => {
      const info = await s3cmd("info", "s3://shelf/cmd/plain.txt");
      expect(info).toContain("MIME type: text/plain");
      expect(info).toContain(createHash("md5").update("text of plain.txt").digest("hex"));
    });

    it("makes, lists and removes buckets and what is in them", async () => {
      await s3cmd("mb", "s3://brand-new");
      // its copies carry an ACL, which a bucket takes only when told to
      await aws(
        ...["s3api", "put-bucket-ownership-controls", "--bucket", "brand-new"],
        ...["--ownership-controls", "Rules=[{ObjectOwnership=ObjectWriter}]"],
      );
      await s3cmd(
        "put",
        join(source, "plain.txt"),
        "s3://brand-new/a b+c.txt",
        "--add-header=x-amz-meta-mood:glad",
      );
      await s3cmd("cp", "s3://brand-new/a b+c.txt", "s3://brand-new/copy.txt");
      expect(await s3cmd("ls", "s3://brand-new")).toMatch(/a b\+c\.txt[\s\S]*copy\.txt/);
      expect(await s3cmd("ls")).toContain("s3://brand-new");
      await s3cmd("rb", "--recursive", "--force", "s3://brand-new");
      expect(await s3cmd("ls")).not.toContain("brand-new");
    });

    it("signs addresses in a way that S3 gave up, and is told so", async () => {
      const link = (await s3cmd("signurl", "s3://shelf/cmd/plain.txt", "+300")).trim();
      expect(await curl(link.replace("https:", "http:"))).toContain("Please use AWS4-HMAC-SHA256.");
    });

    it("sets and reads policy, CORS and lifecycle", async () => {
      const file = join(folder, "cors.xml");
      writeFileSync(
        file,
        "<CORSConfiguration><CORSRule><AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>",
      );
      await s3cmd("setcors", file, "s3://tower");
      expect(await s3cmd("info", "s3://tower")).toContain("<AllowedMethod>GET</AllowedMethod>");
      await s3cmd("expire", "--expiry-days=3", "--expiry-prefix=old/", "s3://tower");
      expect(await s3cmd("getlifecycle", "s3://tower")).toContain("<Days>3</Days>");
    });
  });

  describe("the AWS CLI", () => {
    it("syncs a folder up, in parts where files are large, and down again", async () => {
      await aws("s3", "sync", source, "s3://shelf/cli", "--only-show-errors");
      const down = join(folder, "cli");
      await aws("s3", "sync", "s3://shelf/cli", down, "--only-show-errors");
      same(down);
    });

    it("takes what is piped in, and pipes it out", async () => {
      await aws("s3", "cp", join(source, "large.bin"), "s3://shelf/piped", "--only-show-errors");
      const { stdout } = await run(
        "/usr/bin/aws",
        ["--endpoint-url", running.gateway.endpoint, "s3", "cp", "s3://shelf/piped", "-"],
        { ...options(), encoding: "buffer", maxBuffer: 30_000_000 },
      );
      expect(createHash("sha256").update(stdout).digest("hex")).toBe(hashOf(join(source, "large.bin")));
    });

    it("lists, moves and removes", async () => {
      await aws("s3", "mv", "s3://shelf/cli/plain.txt", "s3://shelf/cli/moved.txt", "--only-show-errors");
      const list = await aws("s3", "ls", "--recursive", "s3://shelf/cli/");
      expect(list).toContain("cli/moved.txt");
      expect(list).not.toContain("cli/plain.txt");
      await aws("s3", "rm", "--recursive", "s3://shelf/cli", "--only-show-errors");
      const left = await aws(
        "s3api",
        "list-objects-v2",
        "--bucket",
        "shelf",
        "--prefix",
        "cli/",
        "--query",
        "Contents[].Key",
      );
      expect(left.trim()).toBe("null");
    });

    it("presigns, and the link dies in time", async () => {
      const link = (await aws("s3", "presign", "s3://shelf/rc/plain.txt", "--expires-in", "60")).trim();
      expect(await curl(link)).toBe("text of plain.txt");
      expect(await curl(link.replace("plain.txt", "empty"))).toContain("<Code>SignatureDoesNotMatch</Code>");
    });

    it("signs its chunks when it is told to sum them after they are sent", async () => {
      const file = join(source, "deep/er/file.bin");
      const put = ["s3api", "put-object", "--bucket", "shelf", "--key", "summed", "--body", file];
      const answer = await aws(...put, "--checksum-algorithm", "SHA256");
      const expected = createHash("sha256").update(readFileSync(file)).digest("base64");
      expect(JSON.parse(answer)).toMatchObject({ ChecksumSHA256: expected });
    });

    it("reads and writes what belongs to a bucket", async () => {
      const tags = "TagSet=[{Key=room,Value=hall}]";
      await aws("s3api", "put-bucket-tagging", "--bucket", "tower", "--tagging", tags);
      expect(JSON.parse(await aws("s3api", "get-bucket-tagging", "--bucket", "tower"))).toEqual({
        TagSet: [{ Key: "room", Value: "hall" }],
      });
      const block = JSON.parse(
        await aws(
          "s3api",
          "put-public-access-block",
          "--bucket",
          "tower",
          "--public-access-block-configuration",
          "BlockPublicAcls=true",
        ).then(() => aws("s3api", "get-public-access-block", "--bucket", "tower")),
      );
      expect(block.PublicAccessBlockConfiguration).toMatchObject({
        BlockPublicAcls: true,
        BlockPublicPolicy: false,
      });
    });

    it("is told what went wrong in S3's words", async () => {
      await expect(aws("s3", "ls", "s3://nowhere-at-all")).rejects.toThrow(/NoSuchBucket/);
      await expect(
        aws("s3api", "get-object", "--bucket", "shelf", "--key", "gone", "/dev/null"),
      ).rejects.toThrow(/NoSuchKey/);
    });
  });
});
