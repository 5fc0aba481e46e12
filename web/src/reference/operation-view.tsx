import { useState } from "react";
import { Icon } from "../ui/icon.tsx";
import { Prose } from "../ui/prose.tsx";
import { Badge } from "../ui/surface.tsx";
import { describe } from "./example.ts";
import type { ApiOperation, ApiReply, Reference } from "./openapi.ts";
import { SchemaView } from "./schema-view.tsx";
import { TrialForm } from "./trial-form.tsx";

interface Props {
  readonly operation: ApiOperation;
  readonly resolve: Reference["resolve"];
}

const Parameters = ({ operation, resolve }: Props) => (
  <section>
    <h3>Parameters</h3>
    <ul className="schema">
      {operation.parameters.map((parameter) => {
        const { type, bounds } = describe(parameter.schema, resolve);
        return (
          <li key={`${parameter.in} ${parameter.name}`}>
            <p className="schema-line">
              <code className="schema-name">{parameter.name}</code>
              <span className="schema-type">
                {parameter.in}, {type}
              </span>
              {parameter.required && <span className="schema-required">required</span>}
              {bounds !== "" && <span className="schema-bounds">{bounds}</span>}
            </p>
            {parameter.description !== "" && <p className="small quiet">{parameter.description}</p>}
          </li>
        );
      })}
    </ul>
  </section>
);

const ReplyView = ({ reply, resolve }: { reply: ApiReply; resolve: Reference["resolve"] }) => {
  const [type, media] = Object.entries(reply.content)[0] ?? [];
  const problem = type?.includes("problem") ?? false;
  return (
    <li>
      <p className="schema-line">
        <Badge tone={reply.status.startsWith("4") || reply.status.startsWith("5") ? "bad" : "good"}>
          {reply.status}
        </Badge>
        <span>
          <Prose text={reply.description} />
        </span>
        {type && <span className="schema-type">{type}</span>}
      </p>
      {media?.schema && !problem && <SchemaView schema={media.schema} resolve={resolve} />}
    </li>
  );
};

const Replies = ({ operation, resolve }: Props) => {
  const good = operation.replies.filter(({ status }) => /^[123]/.test(status));
  const problems = operation.replies.filter(({ status }) => !/^[123]/.test(status));
  return (
    <>
      <section>
        <h3>Replies</h3>
        <ul className="reply-list">
          {good.map((reply) => (
            <ReplyView key={reply.status} reply={reply} resolve={resolve} />
          ))}
        </ul>
      </section>
      {problems.length > 0 && (
        <section>
          <h3>Problems</h3>
          <ul className="reply-list">
            {problems.map((reply) => (
              <ReplyView key={reply.status} reply={reply} resolve={resolve} />
            ))}
          </ul>
        </section>
      )}
    </>
  );
};

const authWords = { none: "", optional: "Sign-in optional", required: "Sign-in required" } as const;

const Body = ({ operation, resolve }: Props) => (
  <div className="operation-body">
    <div className="stack">
      {operation.description !== "" && (
        <p className="small">
          <Prose text={operation.description} />
        </p>
      )}
      {operation.parameters.length > 0 && <Parameters operation={operation} resolve={resolve} />}
      {operation.body && (
        <section>
          <h3>Body</h3>
          <SchemaView schema={operation.body.schema} resolve={resolve} />
        </section>
      )}
      <Replies operation={operation} resolve={resolve} />
    </div>
    <section className="stack trial">
      <h3>Try it</h3>
      <TrialForm operation={operation} resolve={resolve} />
    </section>
  </div>
);

/** One operation; its details are drawn when it is opened. */
export const OperationView = ({ operation, resolve }: Props) => {
  const [open, setOpen] = useState(false);
  return (
    <li className="operation">
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="method" data-method={operation.method}>
            {operation.method}
          </span>
          <code className="operation-path">{operation.path}</code>
          <span className="operation-summary">
            <Prose text={operation.summary} />
          </span>
          {operation.auth !== "none" && (
            <span className="operation-auth" title={authWords[operation.auth]}>
              <Icon name="lock" size={13} />
              <span className="hidden-visually">{authWords[operation.auth]}</span>
            </span>
          )}
          <Icon name="chevron" size={14} />
        </summary>
        {open && <Body operation={operation} resolve={resolve} />}
      </details>
    </li>
  );
};
