import * as v from "valibot";
import { CopyButton } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { count, plural } from "../../ui/format.ts";
import { Badge, Empty, FailureNotice, Skeleton } from "../../ui/surface.tsx";
import { useView } from "../client.ts";
import { Facts } from "../facts.tsx";
import { useFollow } from "../follow.tsx";
import { clockTime, dayTime } from "../format.ts";
import { PageHead } from "../page-head.tsx";
import { useSearchParams } from "../search-params.ts";
import { TryThis } from "../try-this.tsx";
import "../resources.css";
import "./users.css";

const User = v.object({
  username: v.string(),
  sub: v.string(),
  createdAt: v.number(),
  status: v.string(),
  enabled: v.boolean(),
  attributes: v.record(v.string(), v.string()),
  groups: v.array(v.string()),
  codes: v.array(v.object({ purpose: v.string(), code: v.string(), expiresAt: v.number() })),
});
type User = v.InferOutput<typeof User>;

const Pool = v.object({
  id: v.string(),
  arn: v.string(),
  issuer: v.string(),
  groups: v.array(v.string()),
  clients: v.array(
    v.object({ id: v.string(), name: v.string(), flows: v.array(v.string()), hasSecret: v.boolean() }),
  ),
  sessions: v.number(),
  total: v.number(),
  users: v.array(User),
});
type Pool = v.InferOutput<typeof Pool>;
const Pools = v.object({ pools: v.array(Pool) });

const nameOf = ({ username, attributes }: User): string =>
  attributes.email ?? attributes.phone_number ?? attributes.preferred_username ?? username;

const purposes: Readonly<Record<string, string>> = {
  signUp: "confirms the account",
  reset: "resets the password",
  attribute: "confirms a change",
};

const Codes = ({ user }: { user: User }) => (
  <ul className="codes">
    {user.codes.map(({ purpose, code, expiresAt }) => (
      <li key={purpose}>
        <span className="code-digits mono">{code}</span>
        <CopyButton text={code} label={`Copy the code of ${nameOf(user)}`} />
        <span className="small quiet">
          {purposes[purpose] ?? purpose}, until {clockTime(expiresAt)}
        </span>
      </li>
    ))}
  </ul>
);

const UserItem = ({ user }: { user: User }) => (
  <li className="entry">
    <details>
      <summary>
        <span className="entry-name">{nameOf(user)}</span>
        {user.codes.length > 0 && (
          <Badge tone="accent">code {user.codes.map(({ code }) => code).join(", ")}</Badge>
        )}
        {user.groups.map((group) => (
          <Badge key={group} tone="iris">
            {group}
          </Badge>
        ))}
        {!user.enabled && <Badge tone="bad">disabled</Badge>}
        <Badge tone={user.status === "CONFIRMED" ? "good" : "ember"}>
          {user.status.toLowerCase().replaceAll("_", " ")}
        </Badge>
      </summary>
      <div className="stack tight entry-open">
        {user.codes.length > 0 && <Codes user={user} />}
        <Facts
          facts={[
            ["User name", user.username],
            ["Subject", user.sub],
            ["Made", dayTime(user.createdAt)],
            ...Object.entries(user.attributes),
          ]}
        />
      </div>
    </details>
  </li>
);

const matches = (user: User, text: string) =>
  [user.username, ...Object.values(user.attributes), ...user.groups].some((value) =>
    value.toLowerCase().includes(text.toLowerCase()),
  );

const PoolSection = ({ pool, text }: { pool: Pool; text: string }) => {
  const users = pool.users.filter((user) => matches(user, text));
  const client = pool.clients[0]?.id ?? "";
  return (
    <section className="stack tight" aria-labelledby={pool.id}>
      <h2 id={pool.id}>{pool.id}</h2>
      <p className="small quiet">
        {plural(pool.total, "user")}, {plural(pool.sessions, "open session")}
        {pool.groups.length > 0 && `, groups ${pool.groups.join(", ")}`}
      </p>
      <Facts
        facts={[
          ["Issuer", pool.issuer],
          ...pool.clients.map(
            ({ id, name, hasSecret }) =>
              [name || "Client", `${id}${hasSecret ? ", with a secret" : ""}`] as const,
          ),
        ]}
      />
      {pool.total === 0 && (
        <TryThis
          title="Nobody has signed up"
          command={`aws cognito-idp sign-up --client-id ${client} --username reader@example.com --password 'Middlemarch-1871'`}
        >
          Codes that would be sent by mail or text stand here, beside the user.
        </TryThis>
      )}
      {pool.total > 0 && users.length === 0 && <Empty title="Nobody like that" />}
      {users.length > 0 && (
        <ul className="entries">
          {users.map((user) => (
            <UserItem key={user.sub} user={user} />
          ))}
        </ul>
      )}
      {pool.total > pool.users.length && (
        <p className="small quiet">The newest {count(pool.users.length)} are shown.</p>
      )}
    </section>
  );
};

/** Users of the pools: who they are, and the codes that would have been sent to them. */
export const UsersPage = () => {
  const { button, following } = useFollow();
  const [{ find }, change] = useSearchParams(["find"]);
  const view = useView(Pools, "cognito-idp/pools", {}, following);
  const pools = view.data?.pools ?? [];
  return (
    <article className="stack">
      <PageHead title="Users">{button}</PageHead>
      <FailureNotice failure={view.failure} retry={view.reload} />
      {!view.data && view.loading && <Skeleton label="Loading users" />}
      {view.data && pools.length === 0 && <Empty title="The stacks declare no user pool" />}
      {pools.some(({ total }) => total > 0) && (
        <div className="console-filters">
          <TextField
            label="Find"
            type="search"
            placeholder="name, address, group"
            spellCheck={false}
            value={find}
            onChange={(event) => change({ find: event.target.value })}
          />
        </div>
      )}
      {pools.map((pool) => (
        <PoolSection key={pool.id} pool={pool} text={find} />
      ))}
    </article>
  );
};
