import { byType, type Graph, type Resource } from "../../graph/graph.ts";

/** What a password must have. */
export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly requireLowercase: boolean;
  readonly requireUppercase: boolean;
  readonly requireNumbers: boolean;
  readonly requireSymbols: boolean;
  readonly temporaryPasswordValidityDays: number;
}

/** An app client. */
export interface ClientSettings {
  readonly id: string;
  readonly name: string;
  readonly secret?: string;
  /** `ALLOW_USER_PASSWORD_AUTH`, … */
  readonly flows: ReadonlySet<string>;
  readonly accessSeconds: number;
  readonly idSeconds: number;
  readonly refreshSeconds: number;
  /** True hides whether a user exists. */
  readonly hidesUsers: boolean;
  /** Seconds for which a rotated refresh token still works; undefined when they are not rotated. */
  readonly rotationGrace?: number;
}

/** A user pool and its clients. */
export interface PoolSettings {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Attributes that serve as the user name, `email` or `phone_number`: then the real one is the subject. */
  readonly usernameAttributes: readonly string[];
  readonly aliasAttributes: readonly string[];
  readonly autoVerified: readonly string[];
  readonly caseSensitive: boolean;
  readonly adminOnly: boolean;
  readonly policy: PasswordPolicy;
  readonly groups: readonly string[];
  readonly clients: readonly ClientSettings[];
}

const UNITS: Record<string, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400 };

/** Cognito's own when a client states none. */
const DEFAULT_FLOWS = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"];

interface ClientInput {
  name?: string;
  explicitAuthFlows?: string[];
  accessTokenValidity?: number;
  idTokenValidity?: number;
  refreshTokenValidity?: number;
  tokenValidityUnits?: { accessToken?: string; idToken?: string; refreshToken?: string };
  preventUserExistenceErrors?: string;
  refreshTokenRotation?: { feature?: string; retryGracePeriodSeconds?: number };
}

const clientOf = ({ id, inputs, outputs }: Resource): ClientSettings => {
  const input = inputs as ClientInput;
  const units = input.tokenValidityUnits ?? {};
  const seconds = (value: number | undefined, unit: string | undefined, other: string, fallback: number) =>
    value ? value * (UNITS[unit ?? other] ?? 1) : fallback;
  const secret = String(outputs.clientSecret ?? "");
  const rotation = input.refreshTokenRotation;
  return {
    id,
    name: input.name ?? id,
    ...(secret ? { secret } : {}),
    flows: new Set(input.explicitAuthFlows?.length ? input.explicitAuthFlows : DEFAULT_FLOWS),
    accessSeconds: seconds(input.accessTokenValidity, units.accessToken, "hours", 3_600),
    idSeconds: seconds(input.idTokenValidity, units.idToken, "hours", 3_600),
    refreshSeconds: seconds(input.refreshTokenValidity, units.refreshToken, "days", 30 * 86_400),
    hidesUsers: input.preventUserExistenceErrors === "ENABLED",
    ...(rotation?.feature === "ENABLED" ? { rotationGrace: rotation.retryGracePeriodSeconds ?? 0 } : {}),
  };
};

interface PoolInput {
  usernameAttributes?: string[];
  aliasAttributes?: string[];
  autoVerifiedAttributes?: string[];
  usernameConfiguration?: { caseSensitive?: boolean };
  adminCreateUserConfig?: { allowAdminCreateUserOnly?: boolean };
  passwordPolicy?: Partial<PasswordPolicy>;
  mfaConfiguration?: string;
  lambdaConfig?: Record<string, unknown>;
}

/** Cognito's policy for a pool that states none. */
const POLICY: PasswordPolicy = {
  minimumLength: 8,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
  requireSymbols: true,
  temporaryPasswordValidityDays: 7,
};

const withoutUndefined = <T extends object>(value: T | undefined) =>
  Object.fromEntries(Object.entries(value ?? {}).filter(([, v]) => v !== undefined && v !== null));

/** What the local pool does not run must not be left out in silence. */
const refuseUnserved = (name: string, input: PoolInput) => {
  const triggers = Object.keys(withoutUndefined(input.lambdaConfig));
  if (triggers.length > 0) {
    throw new Error(`User pool ${name} has triggers (${triggers}), which the local cloud does not run`);
  }
  if (input.mfaConfiguration === "ON") {
    throw new Error(`User pool ${name} demands a second factor, which the local cloud does not run`);
  }
};

const poolOf = (graph: Graph, { id, name, inputs, outputs }: Resource): PoolSettings => {
  const input = inputs as PoolInput;
  refuseUnserved(name, input);
  const ofPool = (type: string) => byType(graph, type).filter((r) => r.inputs.userPoolId === id);
  return {
    id,
    arn: String(outputs.arn),
    region: graph.region,
    issuer: `https://cognito-idp.${graph.region}.amazonaws.com/${id}`,
    usernameAttributes: input.usernameAttributes ?? [],
    aliasAttributes: input.aliasAttributes ?? [],
    autoVerified: input.autoVerifiedAttributes ?? [],
    caseSensitive: input.usernameConfiguration?.caseSensitive ?? true,
    adminOnly: input.adminCreateUserConfig?.allowAdminCreateUserOnly ?? false,
    policy: { ...POLICY, ...withoutUndefined(input.passwordPolicy) },
    groups: ofPool("aws:cognito/userGroup:UserGroup").map((g) => String(g.inputs.name)),
    clients: ofPool("aws:cognito/userPoolClient:UserPoolClient").map(clientOf),
  };
};

/** Every user pool of the graph. */
export const poolsOf = (graph: Graph): PoolSettings[] =>
  byType(graph, "aws:cognito/userPool:UserPool").map((resource) => poolOf(graph, resource));
