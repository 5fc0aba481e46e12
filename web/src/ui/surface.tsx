import type { ReactNode } from "react";
import type { Failure } from "../api/failure.ts";
import { Button } from "./button.tsx";
import { Icon, type IconName } from "./icon.tsx";
import "./surface.css";

/** A small word about a thing's state. */
export const Badge = ({ tone = "", children }: { tone?: string; children: ReactNode }) => (
  <span className={`badge ${tone}`}>{children}</span>
);

/** Something worth knowing, in place. */
export const Notice = ({
  icon = "clock",
  title,
  children,
}: {
  icon?: IconName;
  title: ReactNode;
  children?: ReactNode;
}) => (
  <div className="notice">
    <Icon name={icon} />
    <strong>{title}</strong>
    {children && <p>{children}</p>}
  </div>
);

/** A failure as a person reads it: what happened, why, and a way on. */
export const FailureNotice = ({ failure, retry }: { failure: Failure | undefined; retry?: () => void }) =>
  failure && failure.kind !== "aborted" ? (
    <div className="notice bad" role="alert">
      <Icon name="warning" />
      <strong>{failure.title}</strong>
      <p>
        {failure.detail !== failure.title && failure.detail}{" "}
        {failure.retryAfter !== undefined && `Admitted again in ${failure.retryAfter} s. `}
        {retry && (
          <Button look="plain" onClick={retry}>
            Try again
          </Button>
        )}
      </p>
    </div>
  ) : null;

/** Nothing here, and what would put something here. */
export const Empty = ({ title, children }: { title: string; children?: ReactNode }) => (
  <div className="empty">
    <strong>{title}</strong>
    {children && <p>{children}</p>}
  </div>
);

/** Holds the place of what is on its way. */
export const Skeleton = ({ label }: { label: string }) => (
  <div className="skeleton" role="status" aria-label={label}>
    <span />
    <span />
    <span />
  </div>
);

/** Settings few need, behind one line. */
export const More = ({
  summary,
  open,
  children,
}: {
  summary: string;
  open?: boolean;
  children: ReactNode;
}) => (
  <details className="more" {...(open === undefined ? {} : { open })}>
    <summary>
      <span className="caret">
        <Icon name="chevron" size={14} />
      </span>
      {summary}
    </summary>
    <div className="stack">{children}</div>
  </details>
);
