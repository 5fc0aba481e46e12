import type { ButtonHTMLAttributes, ReactNode } from "react";
import { useEffect, useState } from "react";
import { Icon } from "./icon.tsx";
import "./button.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: "primary" | "plain" | "ember" | "danger";
  readonly size?: "large" | "icon";
  /** Shows that work goes on, and takes no second press. */
  readonly busy?: boolean;
}

/** A button. While busy it stays focusable, so that a keyboard user is not thrown out of the form. */
export const Button = ({ look, size, busy = false, children, onClick, className = "", ...rest }: Props) => (
  <button
    type="button"
    {...rest}
    className={`button ${look ?? ""} ${size ?? ""} ${className}`}
    aria-disabled={busy || undefined}
    onClick={(event) => (busy ? event.preventDefault() : onClick?.(event))}
  >
    {busy && <span className="spinner" aria-hidden="true" />}
    {children}
  </button>
);

/** Copies `text`, and says so to eyes and ears. */
export const CopyButton = ({
  text,
  label,
  children,
}: {
  text: string;
  label: string;
  children?: ReactNode;
}) => {
  const [state, setState] = useState<"idle" | "copied" | "refused">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1_800);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("refused"),
    );
  return (
    <>
      <Button
        onClick={() => void copy()}
        aria-label={children ? undefined : label}
        {...(children ? {} : { size: "icon" as const })}
      >
        <Icon name={state === "copied" ? "check" : "copy"} />
        {children}
      </Button>
      <span role="status" className="hidden-visually">
        {state === "copied" && "Copied"}
        {state === "refused" && "The browser refused to copy"}
      </span>
    </>
  );
};
