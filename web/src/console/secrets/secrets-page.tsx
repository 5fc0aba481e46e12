import * as v from "valibot";
import { FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { type Following, useView } from "../client.ts";
import { Facts } from "../facts.tsx";
import { useFollow } from "../follow.tsx";
import { dayTime, shortArn } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { usePlace } from "../place.ts";
import { Tabs } from "../tabs.tsx";
import { TryThis } from "../try-this.tsx";
import { Reveal } from "./reveal.tsx";
import "../resources.css";
import "./secrets.css";

const Secret = v.object({
  arn: v.string(),
  name: v.string(),
  description: v.optional(v.string()),
  versions: v.array(v.object({ id: v.string(), stages: v.array(v.string()), createdAt: v.number() })),
  rotation: v.optional(
    v.object({ lambdaArn: v.string(), enabled: v.boolean(), nextAt: v.optional(v.number()) }),
  ),
  rotatedAt: v.optional(v.number()),
  deletedAt: v.optional(v.number()),
  goneAt: v.optional(v.number()),
});
type Secret = v.InferOutput<typeof Secret>;
const Secrets = v.array(Secret);
const SecretValue = v.object({ SecretString: v.optional(v.string()), SecretBinary: v.optional(v.string()) });

const Parameter = v.object({
  name: v.string(),
  arn: v.string(),
  Type: v.string(),
  Value: v.optional(v.string()),
  Version: v.optional(v.number()),
  LastModifiedDate: v.optional(v.number()),
  Description: v.optional(v.string()),
  Tier: v.optional(v.string()),
  versions: v.number(),
});
type Parameter = v.InferOutput<typeof Parameter>;
const Parameters = v.array(Parameter);
const ParameterValue = v.object({ value: v.string() });

const revealSecret = {
  path: "secretsmanager/reveal",
  schema: SecretValue,
  text: ({ SecretString, SecretBinary }: v.InferOutput<typeof SecretValue>) =>
    SecretString ?? `${SecretBinary ?? ""} (base64)`,
};

const Rotation = ({ secret: { rotation, rotatedAt } }: { secret: Secret }) =>
  rotation && (
    <>
      {shortArn(rotation.lambdaArn)}
      {rotation.enabled ? "" : ", off"}
      {rotatedAt !== undefined && `, last ${dayTime(rotatedAt)}`}
      {rotation.nextAt !== undefined && `, next ${dayTime(rotation.nextAt)}`}
    </>
  );

const SecretItem = ({ secret }: { secret: Secret }) => (
  <li className="secret">
    <h2>{secret.name}</h2>
    <Reveal
      key={secret.versions.map(({ id }) => id).join()}
      input={{ secretId: secret.arn }}
      of={secret.name}
      how={revealSecret}
    />
    <Facts
      facts={[
        ["What it is", secret.description],
        ...secret.versions.map(
          ({ id, stages, createdAt }) =>
            [stages.join(", ") || "no stage", `${id}, ${dayTime(createdAt)}`] as const,
        ),
        ["Rotation", secret.rotation && <Rotation secret={secret} />],
        ["Deleted", secret.goneAt !== undefined && `gone for good ${dayTime(secret.goneAt)}`],
      ]}
    />
  </li>
);

const SecretList = ({ following }: { following: Following }) => {
  const view = useView(Secrets, "secretsmanager/secrets", {}, following);
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading secrets" />}
      {view.data?.length === 0 && (
        <TryThis
          title="There is no secret"
          command="aws secretsmanager create-secret --name api-key --secret-string s3same"
        >
          Secrets of Secrets Manager come here; those of `sst secret` are part of the stacks.
        </TryThis>
      )}
      <ul className="secrets">
        {view.data?.map((secret) => (
          <SecretItem key={secret.arn} secret={secret} />
        ))}
      </ul>
    </>
  );
};

const revealParameter = {
  path: "ssm/reveal",
  schema: ParameterValue,
  text: ({ value }: v.InferOutput<typeof ParameterValue>) => value,
};

const ParameterItem = ({ one }: { one: Parameter }) => (
  <li className="secret">
    <h2>{one.name}</h2>
    {one.Value === undefined ? (
      <Reveal key={one.Version} input={{ name: one.name }} of={one.name} how={revealParameter} />
    ) : (
      <p className="secret-value mono">{one.Value}</p>
    )}
    <Facts
      facts={[
        ["What it is", one.Description],
        ["Type", one.Type],
        ["Version", one.Version === undefined ? "" : `${one.Version} of ${one.versions} kept`],
        ["Changed", one.LastModifiedDate !== undefined && dayTime(one.LastModifiedDate * 1_000)],
      ]}
    />
  </li>
);

const ParameterList = ({ following }: { following: Following }) => {
  const view = useView(Parameters, "ssm/parameters", {}, following);
  return (
    <>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading parameters" />}
      {view.data?.length === 0 && (
        <TryThis
          title="There is no parameter"
          command="aws ssm put-parameter --name /library/opening-hours --type String --value 9-17"
        />
      )}
      <ul className="secrets">
        {view.data?.map((one) => (
          <ParameterItem key={one.name} one={one} />
        ))}
      </ul>
    </>
  );
};

const parts = [
  { id: "secrets", name: "Secrets" },
  { id: "parameters", name: "Parameters" },
] as const;

/** Secrets and parameters: masked until a person asks for one. */
export const SecretsPage = () => {
  const place = usePlace(["part"]);
  const { button, following } = useFollow(3_000);
  const part = place.at.part === "parameters" ? "parameters" : "secrets";
  return (
    <article className="stack">
      <PageHead title="Secrets and parameters">{button}</PageHead>
      <Tabs
        label="Secrets and parameters"
        tabs={parts}
        chosen={part}
        choose={(id) => place.go({ part: id === "secrets" ? "" : id })}
      >
        {part === "secrets" ? <SecretList following={following} /> : <ParameterList following={following} />}
      </Tabs>
    </article>
  );
};
