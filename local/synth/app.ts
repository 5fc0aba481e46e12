/** What `app()` of sst.config.ts answered, completed as SST's CLI completes it. */
export interface App {
  readonly name: string;
  readonly stage: string;
  readonly removal: string;
  readonly protect: boolean;
  readonly home: string;
  readonly providers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

type Provider = string | boolean | Record<string, unknown>;

/** The default export of sst.config.ts. */
export interface Config {
  app(input: { stage: string }): unknown;
  run(): Promise<unknown>;
}

/** A mistake in the app's configuration, told as SST's CLI tells it. */
class ConfigError extends Error {}

/** Evaluates `app()` with SST's own checks and defaults. */
export const readApp = async (config: Config, stage: string): Promise<App> => {
  if (/[^a-zA-Z0-9-]/.test(stage)) {
    throw new ConfigError(
      `The stage name "${stage}" is invalid. It can only contain alphanumeric characters and hyphens.`,
    );
  }
  const app = (await config.app({ stage })) as Partial<App> & { providers?: Record<string, Provider> };
  const { name = "", home = "", removal = "retain", protect = false } = app;
  if (!name) throw new ConfigError("Project name is required");
  if (/^[^a-zA-Z]|[^a-zA-Z0-9-]/.test(name)) {
    throw new ConfigError(
      "The app name is invalid. It must start with a letter and can only contain alphanumeric characters and hyphens.",
    );
  }
  if (!home) throw new ConfigError('You must specify a "home" provider in the project configuration file.');
  if (!["remove", "retain", "retain-all"].includes(removal)) {
    throw new ConfigError("Removal must be one of: remove, retain, retain-all");
  }
  const stated = Object.entries(app.providers ?? {}).map(([key, value]) => [key, settings(value)]);
  const providers = { ...(home === "local" ? {} : { [home]: {} }), ...Object.fromEntries(stated) };
  return { name, stage, removal, protect, home, providers };
};

const settings = (value: Provider): Record<string, unknown> => {
  if (typeof value === "string") return { version: value };
  return typeof value === "object" ? value : {};
};

/** Region the app deploys to. */
export const regionOf = (app: App): string => {
  const region = app.providers.aws?.region;
  return typeof region === "string" ? region : "us-east-1";
};

/** Tags the AWS provider puts on everything. */
export const defaultTagsOf = (app: App): Record<string, string> =>
  (app.providers.aws?.defaultTags as { tags?: Record<string, string> } | undefined)?.tags ?? {};

/** Provider settings as Pulumi's configuration, as SST's CLI passes them. */
export const pulumiConfig = (app: App): Record<string, string> =>
  Object.fromEntries(
    Object.entries(app.providers).flatMap(([provider, values]) =>
      Object.entries(values).map(([key, value]) => [
        `${provider}:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    ),
  );
