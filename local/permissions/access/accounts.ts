import { anything, arnOf, free, own, type ServiceCall, type Table, text } from "./access.ts";

const ofPool = (call: ServiceCall) => arnOf(call, "cognito-idp", `userpool/${text(call.input.UserPoolId)}`);
const ofResource = (call: ServiceCall) => text(call.input.ResourceArn);

/** Operations of Cognito user pools. Those a user's own token or a client's id opens need no permission. */
export const cognito: Table = {
  ...free(
    `AssociateSoftwareToken ChangePassword ConfirmDevice ConfirmForgotPassword ConfirmSignUp DeleteUser
     DeleteUserAttributes ForgetDevice ForgotPassword GetDevice GetTokensFromRefreshToken GetUser
     GetUserAttributeVerificationCode GetUserAuthFactors GlobalSignOut InitiateAuth ListDevices ResendConfirmationCode
     RespondToAuthChallenge RevokeToken SetUserMFAPreference SetUserSettings SignUp UpdateDeviceStatus
     UpdateUserAttributes VerifySoftwareToken VerifyUserAttribute StartWebAuthnRegistration
     CompleteWebAuthnRegistration ListWebAuthnCredentials DeleteWebAuthnCredential`,
  ),
  ...own(
    "cognito-idp",
    `AdminAddUserToGroup AdminConfirmSignUp AdminCreateUser AdminDeleteUser AdminDeleteUserAttributes
     AdminDisableProviderForUser AdminDisableUser AdminEnableUser AdminForgetDevice AdminGetDevice AdminGetUser
     AdminInitiateAuth AdminLinkProviderForUser AdminListDevices AdminListGroupsForUser AdminListUserAuthEvents
     AdminRemoveUserFromGroup AdminResetUserPassword AdminRespondToAuthChallenge AdminSetUserMFAPreference
     AdminSetUserPassword AdminSetUserSettings AdminUpdateAuthEventFeedback AdminUpdateDeviceStatus
     AdminUpdateUserAttributes AdminUserGlobalSignOut AddCustomAttributes CreateGroup DeleteGroup GetGroup ListGroups
     UpdateGroup ListUsers ListUsersInGroup CreateUserPoolClient DeleteUserPoolClient DescribeUserPoolClient
     ListUserPoolClients UpdateUserPoolClient DescribeUserPool UpdateUserPool DeleteUserPool GetUserPoolMfaConfig
     SetUserPoolMfaConfig CreateResourceServer DescribeResourceServer ListResourceServers GetSigningCertificate
     GetCSVHeader CreateIdentityProvider DescribeIdentityProvider ListIdentityProviders`,
    ofPool,
  ),
  ...own("cognito-idp", "TagResource UntagResource ListTagsForResource", ofResource),
  ...own("cognito-idp", "ListUserPools CreateUserPool DescribeUserPoolDomain", anything),
};

/** Operations of STS. */
export const sts: Table = {
  ...free("GetCallerIdentity"),
  AssumeRole: (call) => [{ action: "sts:AssumeRole", resource: text(call.input.RoleArn) || "*" }],
  ...own("sts", "GetAccessKeyInfo DecodeAuthorizationMessage", anything),
  ...free("GetSessionToken"),
};
