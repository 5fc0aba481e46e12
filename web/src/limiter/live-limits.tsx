import { useEffect, useRef } from "react";
import { limitsApi, type StandingRule, type Usage } from "#core/limits/api.schema.ts";
import { call } from "../api/call.ts";
import { useSession } from "../api/session.ts";
import { type Loaded, useLoad } from "../api/use-load.ts";
import { count, duration } from "../ui/format.ts";
import { Badge, FailureNotice, More, Skeleton } from "../ui/surface.tsx";
import { algorithmText } from "./algorithm-text.ts";
import { countsBy } from "./words.ts";

/** Often enough to see a bucket refill; only while somebody looks. */
const EVERY_MS = 4_000;

const usePoll = (loaded: Loaded<unknown>, everyMs: number) => {
  const element = useRef<HTMLDivElement>(null);
  const { reload } = loaded;
  useEffect(() => {
    let seen = false;
    const observer = new IntersectionObserver(([entry]) => {
      seen = entry?.isIntersecting ?? false;
    });
    if (element.current) observer.observe(element.current);
    const timer = setInterval(() => seen && document.visibilityState === "visible" && reload(), everyMs);
    return () => {
      observer.disconnect();
      clearInterval(timer);
    };
  }, [reload, everyMs]);
  return element;
};

const spanText = (seconds: number): string => {
  if (seconds === 60) return "minute";
  if (seconds === 3_600) return "hour";
  if (seconds === 86_400) return "day";
  return seconds > 60 && seconds % 60 === 0 ? `${count(seconds / 60)} min` : `${count(seconds)} s`;
};

/** `300 each minute`, with what may be taken at once where it differs. */
export const rateOf = ({ limit, window, burst }: Pick<StandingRule, "limit" | "window" | "burst">): string =>
  `${count(limit)} each ${spanText(window)}${
    burst === undefined || burst === limit ? "" : `, ${count(burst)} at once`
  }`;

const Left = ({ rule, usage }: { rule: StandingRule; usage: Usage | undefined }) => {
  if (!usage) return null;
  const share = Math.max(0, Math.min(1, usage.remaining / (rule.burst ?? rule.limit)));
  return (
    <div className="left">
      <div className="meter" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} data-low={share < 0.2} />
      </div>
      <span className="figures small">
        {count(usage.remaining)} left
        {usage.banned_ms > 0
          ? `, banned for ${duration(usage.banned_ms / 1_000)}`
          : usage.reset_ms > 0 && `, all again in ${duration(usage.reset_ms / 1_000)}`}
      </span>
    </div>
  );
};

const RuleRow = ({ rule, usage }: { rule: StandingRule; usage: Usage | undefined }) => (
  <li className="rule-row" data-rule={rule.name}>
    <div>
      <p className="row tight">
        <strong className="mono">{rule.name}</strong>
        {rule.mode === "shadow" && <Badge tone="iris">shadow</Badge>}
        {rule.lease > 0 && <Badge>leased, {rule.lease} at a time</Badge>}
        {rule.ban && <Badge tone="ember">bans</Badge>}
        {rule.revision > 0 && <Badge tone="accent">changed</Badge>}
      </p>
      <p className="quiet small">
        {rateOf(rule)} · {algorithmText[rule.algorithm].name} · {countsBy[rule.scope]}
        {rule.onFailure === "local" ? "" : ` · store down: ${rule.onFailure}`}
      </p>
    </div>
    <Left rule={rule} usage={usage} />
  </li>
);

const Meanings = () => (
  <p className="small quiet">
    <strong>leased</strong>: a process takes that many units at once and grants them without asking the table
    again. So what the table has left moves in such steps, and the headers of an answer tell what its own
    process has left. <strong>changed</strong>: its values are an administrator's, not the code's.{" "}
    <strong>bans</strong>: who is denied too often is shut out for a time. <strong>shadow</strong>: counts,
    and denies nobody.
  </p>
);

const RuleRows = ({
  rules,
  usage,
}: {
  rules: readonly StandingRule[];
  usage: ReadonlyMap<string, Usage>;
}) => (
  <ul className="rule-rows">
    {rules.map((rule) => (
      <RuleRow key={rule.name} rule={rule} usage={usage.get(rule.name)} />
    ))}
  </ul>
);

/** The rules that guard this API, and what they leave to whoever looks: asked anew while it is looked at. */
export const LiveLimits = () => {
  const who = useSession().status;
  const rules = useLoad((signal) => call(limitsApi.rules, { signal }), [who]);
  const usage = useLoad((signal) => call(limitsApi.usage, { query: {}, signal }), [who]);
  const element = usePoll(usage, EVERY_MS);
  const again = () => {
    rules.reload();
    usage.reload();
  };
  const ours = (rules.data?.rules ?? []).filter(({ owner }) => owner === "app");
  const mine = new Map((usage.data?.usage ?? []).map((one) => [one.rule, one]));
  return (
    <div className="card stack" ref={element} data-testid="live-limits">
      <div className="stack tight">
        <h3>Live limits of this app</h3>
        <p className="quiet small">
          The rules that guard every call of this page, and what they leave to{" "}
          {who === "signed-in" ? "you" : "your address"}. Looking at a rule takes nothing from it; but to ask
          is itself a read, one each {EVERY_MS / 1_000} s while this is in sight, and counted by{" "}
          <code>read-ip</code>
          {who === "signed-in" && (
            <>
              {" "}
              and <code>read-user</code>
            </>
          )}
          .
        </p>
      </div>
      {rules.loading && !rules.data && <Skeleton label="Loading the rules" />}
      <FailureNotice failure={rules.failure ?? usage.failure} retry={again} />
      <RuleRows rules={ours.filter(({ name }) => mine.has(name))} usage={mine} />
      {ours.some(({ lease }) => lease > 0) && <Meanings />}
      {ours.length > mine.size && (
        <More summary="Rules that do not count you: by user, by route, for all together">
          <RuleRows rules={ours.filter(({ name }) => !mine.has(name))} usage={mine} />
        </More>
      )}
    </div>
  );
};
