import { arn, globalArn, type Kind, text } from "./kind.ts";

// Tables, buckets, keys, secrets, roles, networks, caches and what the `random` provider draws.

const table: Kind = (made) => {
  const own = arn(made, "dynamodb", `table/${made.physical}`);
  const label = "2025-01-01T00:00:00.000";
  return {
    id: made.physical,
    arn: own,
    ...(made.inputs.streamEnabled ? { streamArn: `${own}/stream/${label}`, streamLabel: label } : {}),
  };
};

const bucket: Kind = (made) => ({
  id: made.physical,
  arn: `arn:aws:s3:::${made.physical}`,
  bucketDomainName: `${made.physical}.s3.amazonaws.com`,
  bucketRegionalDomainName: `${made.physical}.s3.${made.region}.amazonaws.com`,
  hostedZoneId: "Z3AQBSTGFYJSTF",
  region: made.region,
});

const iam =
  (kind: string, prefix: string): Kind =>
  (made) => {
    const path = text(made.inputs.path) || "/";
    return {
      id: made.physical,
      arn: globalArn(made, "iam", `${kind}${path}${made.physical}`),
      path,
      uniqueId: prefix + made.ids.upper(17),
    };
  };

const policy: Kind = (made) => {
  const own = globalArn(made, "iam", `policy${text(made.inputs.path) || "/"}${made.physical}`);
  return { id: own, arn: own, policyId: `ANPA${made.ids.upper(17)}` };
};

const kmsKey: Kind = (made) => {
  const keyId = made.ids.uuid();
  return { id: keyId, keyId, arn: arn(made, "kms", `key/${keyId}`) };
};

const secret: Kind = (made) => {
  const own = arn(made, "secretsmanager", `secret:${made.physical}-${made.ids.mixed(6)}`);
  return { id: own, arn: own };
};

// A replication group's endpoints, whether or not it is sharded.
const cache: Kind = (made) => {
  const id = text(made.inputs.replicationGroupId) || made.physical;
  const host = (role: string) => `${role}.${id}.${made.ids.lower(6)}.use1.cache.amazonaws.com`;
  return {
    id,
    arn: arn(made, "elasticache", `replicationgroup:${id}`),
    primaryEndpointAddress: host("master"),
    readerEndpointAddress: host("replica"),
    configurationEndpointAddress: host("clustercfg"),
    port: 6379,
    memberClusters: [`${id}-001`],
  };
};

const search: Kind = (made) => {
  const id = text(made.inputs.domainName) || made.physical;
  const endpoint = `search-${id}-${made.ids.lower(26)}.${made.region}.es.amazonaws.com`;
  return {
    id: arn(made, "es", `domain/${id}`),
    arn: arn(made, "es", `domain/${id}`),
    domainId: id,
    endpoint,
  };
};

// Deterministic, like every other id here: these are keys of one machine's own data, never of anything deployed.
const random: Readonly<Record<string, Kind>> = {
  "random:index/randomBytes:RandomBytes": (made) => {
    const base64 = made.ids.base64(Number(made.inputs.length));
    return { id: base64, base64, hex: Buffer.from(base64, "base64").toString("hex") };
  },
  "random:index/randomId:RandomId": (made) => {
    const bytes = Buffer.from(made.ids.base64(Number(made.inputs.byteLength)), "base64");
    const prefix = text(made.inputs.prefix);
    const hex = prefix + bytes.toString("hex");
    const b64Url = prefix + bytes.toString("base64url");
    return { id: b64Url, hex, b64Url, b64Std: prefix + bytes.toString("base64") };
  },
  "random:index/randomInteger:RandomInteger": (made) => {
    const [min, max] = [Number(made.inputs.min), Number(made.inputs.max)];
    const result = min + (Number(made.ids.digits(12)) % (max - min + 1));
    return { id: String(result), result };
  },
  "random:index/randomPassword:RandomPassword": (made) => {
    const result = made.ids.mixed(Number(made.inputs.length));
    return { id: "none", result };
  },
  "random:index/randomString:RandomString": (made) => {
    const result = made.ids.mixed(Number(made.inputs.length));
    return { id: result, result };
  },
  "random:index/randomUuid:RandomUuid": (made) => ({ id: made.ids.uuid(), result: made.ids.uuid() }),
};

/** Types of this family. */
export const data: Readonly<Record<string, Kind>> = {
  ...random,
  "aws:dynamodb/table:Table": table,
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketV2:BucketV2": bucket,
  "aws:s3/bucketObjectv2:BucketObjectv2": (made) => ({
    id: `${text(made.inputs.bucket)}/${text(made.inputs.key)}`,
    arn: `arn:aws:s3:::${text(made.inputs.bucket)}/${text(made.inputs.key)}`,
    etag: made.ids.hex(32),
  }),
  "aws:iam/role:Role": iam("role", "AROA"),
  "aws:iam/user:User": iam("user", "AIDA"),
  "aws:iam/instanceProfile:InstanceProfile": iam("instance-profile", "AIPA"),
  "aws:iam/policy:Policy": policy,
  "aws:iam/accessKey:AccessKey": (made) => ({
    id: `AKIA${made.ids.upper(16)}`,
    secret: made.ids.mixed(40),
    sesSmtpPasswordV4: made.ids.mixed(44),
  }),
  "aws:kms/key:Key": kmsKey,
  "aws:kms/alias:Alias": (made) => ({ id: made.physical, arn: arn(made, "kms", made.physical) }),
  "aws:ssm/parameter:Parameter": (made) => ({
    id: made.physical,
    arn: arn(made, "ssm", `parameter/${made.physical.replace(/^\//, "")}`),
    version: 1,
  }),
  "aws:secretsmanager/secret:Secret": secret,
  "aws:secretsmanager/secretVersion:SecretVersion": (made) => {
    const versionId = made.ids.uuid();
    return { id: `${text(made.inputs.secretId)}|${versionId}`, arn: text(made.inputs.secretId), versionId };
  },
  "aws:secretsmanager/secretRotation:SecretRotation": (made) => ({
    id: text(made.inputs.secretId),
    rotationEnabled: true,
  }),
  "aws:elasticache/replicationGroup:ReplicationGroup": cache,
  "aws:opensearch/domain:Domain": search,
  "aws:budgets/budget:Budget": (made) => ({
    id: `${made.account}:${made.physical}`,
    arn: globalArn(made, "budgets", `budget/${made.physical}`),
  }),
  "aws:dsql/cluster:Cluster": (made) => {
    const id = made.ids.lower(26);
    return { id, identifier: id, arn: arn(made, "dsql", `cluster/${id}`), status: "ACTIVE" };
  },
};
