import { production } from "./stage.ts";

/** Who may sign in: e-mail and a long password, a second factor if they like. One client: our own functions. */
export const userPool = () => {
  const pool = new sst.aws.CognitoUserPool("Users", {
    usernames: ["email"],
    mfa: "optional",
    softwareToken: true,
    transform: {
      userPool: {
        autoVerifiedAttributes: ["email"],
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireNumbers: true,
          requireSymbols: false,
          requireUppercase: true,
          temporaryPasswordValidityDays: 3,
        },
        deletionProtection: production() ? "ACTIVE" : "INACTIVE",
      },
    },
  });
  const client = pool.addClient("UsersWeb", {
    transform: {
      client: {
        explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        allowedOauthFlows: [],
        allowedOauthFlowsUserPoolClient: false,
        allowedOauthScopes: [],
        callbackUrls: [],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
        accessTokenValidity: 60,
        idTokenValidity: 60,
        refreshTokenValidity: 30,
        tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      },
    },
  });
  return { pool, client };
};
