import { Field } from "./field.tsx";
import "./slider.css";

/** A slider with its value in words. Screen readers hear the words, not the slider's own steps. */
export const Slider = ({
  label,
  words,
  value,
  ...range
}: {
  label: string;
  words: string;
  value: number;
  min: number;
  max: number;
  step: number;
  onChange: (value: number) => void;
}) => (
  <Field label={label}>
    {(wiring) => (
      <div className="slider">
        <input
          {...range}
          {...wiring}
          type="range"
          value={value}
          aria-valuetext={words}
          onChange={(event) => range.onChange(Number(event.target.value))}
        />
        <output className="figures">{words}</output>
      </div>
    )}
  </Field>
);
