import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

// Secure Remote Password 6a as Cognito speaks it: the 3,072-bit group of RFC 3526, SHA-256, and a key derived by HKDF.
// The client proves it knows the password; the server holds only a verifier of it.

const N = BigInt(
  `0x${[
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DD",
    "EF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED",
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F",
    "83655D23DCA3AD961C62F356208552BB9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B",
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF6955817183995497CEA956AE515D2261898FA0510",
    "15728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7",
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C",
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
  ].join("")}`,
);
const G = 2n;

/** What is kept instead of a password. */
export interface SrpVerifier {
  readonly salt: string;
  readonly verifier: string;
}

const modPow = (base: bigint, exponent: bigint): bigint => {
  let result = 1n;
  let square = base % N;
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % N;
    square = (square * square) % N;
  }
  return result;
};

/** Big-endian bytes with a leading zero where the first bit is set: a Java BigInteger, which Cognito hashes. */
const bytes = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  return Buffer.from(/^[89a-f]/.test(even) ? `00${even}` : even, "hex");
};

const sha256 = (...parts: (Buffer | string)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

const number = (buffer: Buffer) => BigInt(`0x${buffer.toString("hex")}`);
const K = number(sha256(bytes(N), Buffer.from([Number(G)])));

const poolName = (poolId: string) => poolId.split("_")[1] ?? poolId;

/** The verifier of a password, for the user whose real name is `username`. */
export const createVerifier = (poolId: string, username: string, password: string): SrpVerifier => {
  const salt = number(randomBytes(16));
  const x = number(sha256(bytes(salt), sha256(`${poolName(poolId)}${username}:${password}`)));
  return { salt: salt.toString(16), verifier: modPow(G, x).toString(16) };
};

/** The server's side of one exchange. */
export interface Exchange {
  readonly a: string;
  readonly b: string;
  /** Public value to answer with. */
  readonly publicB: string;
  readonly secretBlock: string;
}

/** Answers a client's public value; undefined when it is one that would give the key away. */
export const beginExchange = (publicA: string, { verifier }: SrpVerifier): Exchange | undefined => {
  if (!/^[0-9a-f]+$/i.test(publicA) || BigInt(`0x${publicA}`) % N === 0n) return undefined;
  const b = number(randomBytes(32));
  const publicB = (K * BigInt(`0x${verifier}`) + modPow(G, b)) % N;
  const secretBlock = randomBytes(64).toString("base64");
  return { a: publicA, b: b.toString(16), publicB: publicB.toString(16), secretBlock };
};

/** True when the client's signature shows that it derived the same key. */
export const provesPassword = (
  exchange: Exchange,
  { verifier }: SrpVerifier,
  claim: { poolId: string; username: string; timestamp: string; signature: string; secretBlock: string },
): boolean => {
  const [a, publicB] = [BigInt(`0x${exchange.a}`), BigInt(`0x${exchange.publicB}`)];
  const u = number(sha256(bytes(a), bytes(publicB)));
  const shared = modPow(a * modPow(BigInt(`0x${verifier}`), u), BigInt(`0x${exchange.b}`));
  const key = Buffer.from(hkdfSync("sha256", bytes(shared), bytes(u), "Caldera Derived Key", 16));
  const expected = createHmac("sha256", key)
    .update(poolName(claim.poolId) + claim.username)
    .update(Buffer.from(exchange.secretBlock, "base64"))
    .update(claim.timestamp)
    .digest();
  const given = Buffer.from(claim.signature, "base64");
  return (
    claim.secretBlock === exchange.secretBlock &&
    given.length === expected.length &&
    timingSafeEqual(given, expected)
  );
};
