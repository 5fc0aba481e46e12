import { createHash, createPrivateKey, createSign, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import type { Ledger } from "../../kit/ledger.ts";

/** Signs what SNS sends, by a key of this machine whose certificate the endpoint serves. */
export interface Signer {
  /** Path of the certificate at the endpoint, `/SimpleNotificationService-….pem`. */
  readonly path: string;
  readonly certificate: string;
  /** Base64. Version 1 is SHA-1 with RSA, version 2 SHA-256. */
  sign(text: string, version: "1" | "2"): string;
}

/** A certificate's path; nothing else is served by GET. */
export const CERTIFICATE_PATH = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

const YEARS_MS = 10 * 365 * 86_400_000;

const certify = async (
  privatePem: string,
  publicPem: string,
  region: string,
  now: number,
): Promise<string> => {
  const { default: forge } = await import("node-forge");
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicPem);
  certificate.serialNumber = `00${createHash("sha256").update(publicPem).digest("hex").slice(0, 30)}`;
  certificate.validity.notBefore = new Date(now - 86_400_000);
  certificate.validity.notAfter = new Date(now + YEARS_MS);
  const name = [{ name: "commonName", value: `sns.${region}.amazonaws.com` }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(forge.pki.privateKeyFromPem(privatePem), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
};

interface Kept {
  readonly key: string;
  readonly certificate: string;
}

const make = async (region: string, now: number): Promise<Kept> => {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return { key: privateKey, certificate: await certify(privateKey, publicKey, region, now) };
};

/** Opens the signing key, made at the first start: what waits in a queue must verify after the next one, too. */
export const openSigner = async (ledger: Ledger, region: string, now: number): Promise<Signer> => {
  const table = ledger.table<Kept>("signing");
  const kept = table.get("key") ?? (await make(region, now));
  if (!table.has("key")) table.set("key", kept);
  const key: KeyObject = createPrivateKey(kept.key);
  const fingerprint = createHash("sha256").update(kept.certificate).digest("hex").slice(0, 32);
  return {
    path: `/SimpleNotificationService-${fingerprint}.pem`,
    certificate: kept.certificate,
    sign: (text, version) =>
      createSign(version === "2" ? "RSA-SHA256" : "RSA-SHA1")
        .update(text, "utf8")
        .sign(key, "base64"),
  };
};
