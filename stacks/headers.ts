/** What browsers are told with every answer. A page that needs another content policy sends its own. */
export const securityHeaders = () =>
  new aws.cloudfront.ResponseHeadersPolicy("EdgeHeaders", {
    securityHeadersConfig: {
      strictTransportSecurity: {
        accessControlMaxAgeSec: 63_072_000,
        includeSubdomains: true,
        override: true,
      },
      contentTypeOptions: { override: true },
      frameOptions: { frameOption: "DENY", override: true },
      referrerPolicy: { referrerPolicy: "strict-origin-when-cross-origin", override: false },
      contentSecurityPolicy: {
        contentSecurityPolicy:
          "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
        override: false,
      },
    },
  });
