import { useLimitAnswers } from "../api/limit-headers.ts";
import { count } from "../ui/format.ts";
import { Badge, Empty } from "../ui/surface.tsx";
import { parseRateField } from "./rate-fields.ts";

const amount = (value: number | string) => (typeof value === "number" ? count(value) : value);

const toneOf = (status: number) => (status === 429 ? "ember" : status < 400 ? "good" : "");

/** The headers of an answer as they came, and what they say. */
export const RateHeaders = ({
  policy,
  limit,
  retryAfter,
}: {
  policy: string | undefined;
  limit: string | undefined;
  retryAfter: string | undefined;
}) => {
  const policies = parseRateField(policy);
  const standings = parseRateField(limit);
  const names = [...new Set([...standings, ...policies].map(({ name }) => name))];
  const of = (items: typeof policies, name: string) => items.find((item) => item.name === name)?.params ?? {};
  return (
    <div className="rate-headers">
      <dl className="raw-headers mono">
        {[
          ["RateLimit-Policy", policy],
          ["RateLimit", limit],
          ["Retry-After", retryAfter],
        ].map(([name, value]) => (
          <div key={name}>
            <dt>{name}:</dt>
            <dd>{value ?? <span className="none">not sent</span>}</dd>
          </div>
        ))}
      </dl>
      {names.length > 0 && (
        <ul className="rate-words small">
          {names.map((name) => {
            const { q, w, "tenfold-burst": burst } = of(policies, name);
            const { r, t } = of(standings, name);
            return (
              <li key={name}>
                <strong>{name}</strong>{" "}
                {q !== undefined &&
                  `${amount(q)} units each ${w} s${burst === undefined ? "" : `, up to ${amount(burst)} at once`}`}
                {r !== undefined &&
                  (t === undefined
                    ? `; ${amount(r)} left`
                    : `; at most ${amount(r)} more within ${amount(t)} s`)}
              </li>
            );
          })}
        </ul>
      )}
    </div>
  );
};

/** The limits that the last answers of this page told of: raw, and parsed. */
export const LastHeaders = () => {
  const answers = useLimitAnswers();
  return (
    <div className="card stack">
      <div className="stack tight">
        <h3>What the last answers said</h3>
        <p className="quiet small">
          Headers of the IETF draft “RateLimit header fields for HTTP”, as they came with the calls of this
          page, and what a client reads in them: which rules apply, what they leave, when to come again.
        </p>
      </div>
      {answers.length === 0 ? (
        <Empty title="No answer has named a limit yet">Use the page, or flood a route.</Empty>
      ) : (
        <ol className="answers">
          {answers.slice(0, 3).map(({ id, what, status, ...headers }) => (
            <li key={id}>
              <p className="row tight">
                <Badge tone={toneOf(status)}>{status}</Badge>
                <span className="mono small">{what}</span>
              </p>
              <RateHeaders {...headers} />
            </li>
          ))}
        </ol>
      )}
    </div>
  );
};
