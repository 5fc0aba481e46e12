/** Routes that anyone may call, each with why. A route that is not here needs an authorizer; a line without a route fails. */
export const publicRoutes: Readonly<Record<string, string>> = {
  "POST /api/v1/auth/sign-up": "there is no account yet",
  "POST /api/v1/auth/confirm": "the mailed code is the proof",
  "POST /api/v1/auth/sign-in": "the password is the proof",
  "POST /api/v1/auth/refresh": "the refresh cookie is the proof",
  "POST /api/v1/auth/sign-out": "revokes what the cookie holds, and nothing else",
  "GET /api/v1/openapi.json": "a description of the API, no data",
  "GET /api/v1/problems": "explains problems, no data",
  "GET /api/v1/health": "says only that the API answers",
  "GET /api/v1/limits/rules":
    "which limits guard the API is no secret; one's own take a token, which the function verifies",
  "GET /api/v1/limits/usage": "what the API's limits leave to who asks; a key of one's own takes a token",
  "POST /api/v1/shorten": "anonymous links are a feature; a token, when given, is verified by the function",
  "GET /api/v1/cache/stats":
    "the app's own figures are for everyone to see; one's own need a token, which the function verifies",
  "GET /api/v1/cache/ring": "arithmetic over what the caller names, no data",
  "GET /api/v1/links/{hash}/qr": "a picture of an address that is public itself",
  "GET /{hash}": "a short link is for everyone who has it",
  "HEAD /{hash}": "as GET",
  "POST /{hash}": "the link's password is the proof",
};
