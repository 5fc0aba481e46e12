import type { KeyboardEvent, ReactNode } from "react";
import { useId } from "react";
import "./resources.css";

/** One of several faces of the same thing. */
export interface Tab<T extends string> {
  readonly id: T;
  readonly name: ReactNode;
}

const steps: Readonly<Record<string, (at: number, size: number) => number>> = {
  ArrowRight: (at, size) => (at + 1) % size,
  ArrowLeft: (at, size) => (at + size - 1) % size,
  Home: () => 0,
  End: (_, size) => size - 1,
};

/** Tabs and the panel of the chosen one. Arrows, Home and End choose, as the ARIA practices describe it. */
export const Tabs = <T extends string>({
  label,
  tabs,
  chosen,
  choose,
  children,
}: {
  label: string;
  tabs: readonly Tab<T>[];
  chosen: T;
  choose: (id: T) => void;
  children: ReactNode;
}) => {
  const own = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex(({ id }) => id === chosen);
    const next = tabs[steps[event.key]?.(at, tabs.length) ?? -1];
    if (!next) return;
    event.preventDefault();
    choose(next.id);
    document.getElementById(`${own}-${next.id}`)?.focus();
  };
  return (
    <div className="stack">
      <div role="tablist" aria-label={label} className="faces" onKeyDown={onKeyDown}>
        {tabs.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${own}-${id}`}
            aria-selected={id === chosen}
            aria-controls={`${own}-panel`}
            tabIndex={id === chosen ? 0 : -1}
            onClick={() => choose(id)}
          >
            {name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${own}-panel`} aria-labelledby={`${own}-${chosen}`} className="stack">
        {children}
      </div>
    </div>
  );
};
