import { Icon } from "../ui/icon.tsx";
import { createStore } from "../ui/store.ts";

type Theme = "system" | "light" | "dark";
const key = "tenfold.theme";

const stored = (): Theme => {
  const theme = document.documentElement.dataset.theme;
  return theme === "light" || theme === "dark" ? theme : "system";
};
const store = createStore<Theme>(stored());

const choose = (theme: Theme) => {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // Storage is off: the choice holds until the page is closed.
  }
  store.set(theme);
};

const options = [
  ["system", "System", "system"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
] as const;

/** Light, dark, or as the system has it; remembered. */
export const ThemeSwitch = () => {
  const theme = store.use();
  return (
    <fieldset className="theme-switch">
      <legend className="hidden-visually">Theme</legend>
      {options.map(([value, label, icon]) => (
        <label key={value} title={label}>
          <input
            type="radio"
            name="theme"
            value={value}
            checked={theme === value}
            onChange={() => choose(value)}
          />
          <span>
            <Icon name={icon} size={15} />
            <span className="hidden-visually">{label}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
};
