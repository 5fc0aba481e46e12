// Source: the model of SES v2. Below /v2/email/; `*` stands for one part of the path.
const ROUTES = `
  POST identity/certificates AssociateEmailIdentityCertificate
  POST metrics/batch BatchGetMetricData
  PUT export-jobs/*/cancel CancelExportJob
  POST configuration-sets CreateConfigurationSet
  POST configuration-sets/*/event-destinations CreateConfigurationSetEventDestination
  POST contact-lists/*/contacts CreateContact
  POST contact-lists CreateContactList
  POST custom-verification-email-templates CreateCustomVerificationEmailTemplate
  POST dedicated-ip-pools CreateDedicatedIpPool
  POST deliverability-dashboard/test CreateDeliverabilityTestReport
  POST identities CreateEmailIdentity
  POST identities/*/policies/* CreateEmailIdentityPolicy
  POST templates CreateEmailTemplate
  POST export-jobs CreateExportJob
  POST import-jobs CreateImportJob
  POST multi-region-endpoints CreateMultiRegionEndpoint
  POST tenants CreateTenant
  POST tenants/resources CreateTenantResourceAssociation
  DELETE configuration-sets/* DeleteConfigurationSet
  DELETE configuration-sets/*/event-destinations/* DeleteConfigurationSetEventDestination
  DELETE contact-lists/*/contacts/* DeleteContact
  DELETE contact-lists/* DeleteContactList
  DELETE custom-verification-email-templates/* DeleteCustomVerificationEmailTemplate
  DELETE dedicated-ip-pools/* DeleteDedicatedIpPool
  DELETE identities/* DeleteEmailIdentity
  DELETE identities/*/policies/* DeleteEmailIdentityPolicy
  DELETE templates/* DeleteEmailTemplate
  DELETE multi-region-endpoints/* DeleteMultiRegionEndpoint
  DELETE suppression/addresses/* DeleteSuppressedDestination
  POST tenants/delete DeleteTenant
  POST tenants/resources/delete DeleteTenantResourceAssociation
  POST identity/certificates/delete DisassociateEmailIdentityCertificate
  GET account GetAccount
  GET deliverability-dashboard/blacklist-report GetBlacklistReports
  GET configuration-sets/* GetConfigurationSet
  GET configuration-sets/*/event-destinations GetConfigurationSetEventDestinations
  GET contact-lists/*/contacts/* GetContact
  GET contact-lists/* GetContactList
  GET custom-verification-email-templates/* GetCustomVerificationEmailTemplate
  GET dedicated-ips/* GetDedicatedIp
  GET dedicated-ip-pools/* GetDedicatedIpPool
  GET dedicated-ips GetDedicatedIps
  GET deliverability-dashboard GetDeliverabilityDashboardOptions
  GET deliverability-dashboard/test-reports/* GetDeliverabilityTestReport
  GET deliverability-dashboard/campaigns/* GetDomainDeliverabilityCampaign
  GET deliverability-dashboard/statistics-report/* GetDomainStatisticsReport
  POST email-address-insights GetEmailAddressInsights
  GET identities/* GetEmailIdentity
  GET identities/*/policies GetEmailIdentityPolicies
  GET templates/* GetEmailTemplate
  GET export-jobs/* GetExportJob
  GET import-jobs/* GetImportJob
  GET insights/* GetMessageInsights
  GET multi-region-endpoints/* GetMultiRegionEndpoint
  GET reputation/entities/*/* GetReputationEntity
  GET suppression/addresses/* GetSuppressedDestination
  POST tenants/get GetTenant
  POST list-configuration-sets ListConfigurationSets
  GET contact-lists ListContactLists
  POST contact-lists/*/contacts/list ListContacts
  GET custom-verification-email-templates ListCustomVerificationEmailTemplates
  GET dedicated-ip-pools ListDedicatedIpPools
  GET deliverability-dashboard/test-reports ListDeliverabilityTestReports
  GET deliverability-dashboard/domains/*/campaigns ListDomainDeliverabilityCampaigns
  POST list-identities ListEmailIdentities
  POST identity/certificates/list ListEmailIdentityCertificates
  GET templates ListEmailTemplates
  POST list-export-jobs ListExportJobs
  POST import-jobs/list ListImportJobs
  GET multi-region-endpoints ListMultiRegionEndpoints
  POST vdm/recommendations ListRecommendations
  POST reputation/entities ListReputationEntities
  POST resources/tenants/list ListResourceTenants
  GET suppression/addresses ListSuppressedDestinations
  GET tags ListTagsForResource
  POST tenants/resources/list ListTenantResources
  POST tenants/list ListTenants
  PUT account/dedicated-ips/warmup PutAccountDedicatedIpWarmupAttributes
  POST account/details PutAccountDetails
  PUT account/pricing-attributes PutAccountPricingAttributes
  PUT account/sending PutAccountSendingAttributes
  PUT account/suppression PutAccountSuppressionAttributes
  PUT account/vdm PutAccountVdmAttributes
  PUT configuration-sets/*/archiving-options PutConfigurationSetArchivingOptions
  PUT configuration-sets/*/delivery-options PutConfigurationSetDeliveryOptions
  PUT configuration-sets/*/reputation-options PutConfigurationSetReputationOptions
  PUT configuration-sets/*/sending PutConfigurationSetSendingOptions
  PUT configuration-sets/*/suppression-options PutConfigurationSetSuppressionOptions
  PUT configuration-sets/*/tracking-options PutConfigurationSetTrackingOptions
  PUT configuration-sets/*/vdm-options PutConfigurationSetVdmOptions
  PUT dedicated-ips/*/pool PutDedicatedIpInPool
  PUT dedicated-ip-pools/*/scaling PutDedicatedIpPoolScalingAttributes
  PUT dedicated-ips/*/warmup PutDedicatedIpWarmupAttributes
  PUT deliverability-dashboard PutDeliverabilityDashboardOption
  PUT identities/*/configuration-set PutEmailIdentityConfigurationSetAttributes
  PUT identities/*/dkim PutEmailIdentityDkimAttributes
  PUT identities/*/dkim/signing PutEmailIdentityDkimSigningAttributes
  PUT identities/*/feedback PutEmailIdentityFeedbackAttributes
  PUT identities/*/mail-from PutEmailIdentityMailFromAttributes
  PUT suppression/addresses PutSuppressedDestination
  POST tenant/suppression PutTenantSuppressionAttributes
  POST outbound-bulk-emails SendBulkEmail
  POST outbound-custom-verification-emails SendCustomVerificationEmail
  POST outbound-emails SendEmail
  POST tags TagResource
  POST templates/*/render TestRenderEmailTemplate
  DELETE tags UntagResource
  POST update-configuration-sets UpdateConfigurationSet
  PUT configuration-sets/*/event-destinations/* UpdateConfigurationSetEventDestination
  PUT contact-lists/*/contacts/* UpdateContact
  PUT contact-lists/* UpdateContactList
  PUT custom-verification-email-templates/* UpdateCustomVerificationEmailTemplate
  PUT identities/*/policies/* UpdateEmailIdentityPolicy
  PUT templates/* UpdateEmailTemplate
  PUT reputation/entities/*/*/customer-managed-status UpdateReputationEntityCustomerManagedStatus
  PUT reputation/entities/*/*/policy UpdateReputationEntityPolicy
`;

/** Request line → operation of SES v2. */
export const SES_ROUTES: readonly (readonly [RegExp, string])[] = ROUTES.trim()
  .split("\n")
  .map((line) => {
    const [method = "", path = "", operation = ""] = line.trim().split(" ");
    return [new RegExp(`^${method} /v2/email/${path.replaceAll("*", "[^/]+")}/?$`), operation] as const;
  });

/** Operations of SES v2 by name. */
export const SES_OPERATIONS: readonly string[] = [...new Set(SES_ROUTES.map(([, name]) => name))];
