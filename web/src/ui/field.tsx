import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { useId } from "react";
import { Icon } from "./icon.tsx";
import "./field.css";

interface FieldProps {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly optional?: boolean;
}

interface Wiring {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": true | undefined;
}

/** Label, control, hint and what is wrong, tied together for screen readers. */
export const Field = ({
  label,
  hint,
  error,
  optional,
  children,
}: FieldProps & { children: (wiring: Wiring) => ReactNode }) => {
  const id = useId();
  const described = [hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label} {optional && <em>optional</em>}
      </label>
      {children({
        id,
        "aria-describedby": described === "" ? undefined : described,
        "aria-invalid": error ? true : undefined,
      })}
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}-error`}>
          <Icon name="warning" size={14} /> {error}
        </p>
      )}
    </div>
  );
};

/** One line of text. */
export const TextField = ({
  label,
  hint,
  error,
  optional,
  className = "",
  ...rest
}: FieldProps & InputHTMLAttributes<HTMLInputElement>) => (
  <Field label={label} hint={hint} error={error} {...(optional ? { optional } : {})}>
    {(wiring) => <input className={`input ${className}`} {...rest} {...wiring} />}
  </Field>
);

/** Several lines of text. */
export const TextArea = ({
  label,
  hint,
  error,
  optional,
  className = "",
  ...rest
}: FieldProps & TextareaHTMLAttributes<HTMLTextAreaElement>) => (
  <Field label={label} hint={hint} error={error} {...(optional ? { optional } : {})}>
    {(wiring) => <textarea className={`input ${className}`} {...rest} {...wiring} />}
  </Field>
);

/** One of several, in a list that opens. */
export const SelectField = ({
  label,
  hint,
  error,
  optional,
  children,
  ...rest
}: FieldProps & SelectHTMLAttributes<HTMLSelectElement>) => (
  <Field label={label} hint={hint} error={error} {...(optional ? { optional } : {})}>
    {(wiring) => (
      <select className="input" {...rest} {...wiring}>
        {children}
      </select>
    )}
  </Field>
);

/** One of a few, all in sight: radio buttons drawn as pills. */
export const Choices = <T extends string>({
  legend,
  quiet = false,
  name,
  value,
  options,
  onChange,
}: {
  legend: string;
  /** The legend is heard, not seen. */
  quiet?: boolean;
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) => (
  <fieldset className="field">
    <legend className={quiet ? "hidden-visually" : "field-label"}>{legend}</legend>
    <div className="choices">
      {options.map(([option, label]) => (
        <label className="choice" key={option}>
          <input
            type="radio"
            name={name}
            value={option}
            checked={option === value}
            onChange={() => onChange(option)}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  </fieldset>
);
