import { createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";

// The client's half of Cognito's Secure Remote Password, written from the browser's point of view.

// RFC 3526, group 15, by its definition: 2^3072 - 2^3008 - 1 + 2^64 * (floor(2^2942 * pi) + 1690314)
const scaledPi = (bits: bigint) => {
  const one = 1n << (bits + 64n);
  const arctan = (inverse: bigint) => {
    let [sum, term, n, sign] = [0n, one / inverse, 1n, 1n];
    while (term > 0n) {
      sum += (sign * term) / n;
      [term, n, sign] = [term / (inverse * inverse), n + 2n, -sign];
    }
    return sum;
  };
  return (16n * arctan(5n) - 4n * arctan(239n)) >> 64n;
};
const N = 2n ** 3072n - 2n ** 3008n - 1n + 2n ** 64n * (scaledPi(2942n) + 1690314n);

const power = (base: bigint, exponent: bigint) => {
  let [result, factor] = [1n, base % N];
  for (const bit of exponent.toString(2).split("").reverse()) {
    if (bit === "1") result = (result * factor) % N;
    factor = (factor * factor) % N;
  }
  return result;
};

const padded = (hex: string) => {
  const even = hex.length % 2 ? `0${hex}` : hex;
  return "89abcdef".includes(even[0] ?? "") ? `00${even}` : even;
};
const hashHex = (hex: string) => createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex");
const int = (hex: string) => BigInt(`0x${hex}`);

export interface SrpClient {
  readonly a: bigint;
  readonly publicA: string;
}

/** Step one: the public value to send. */
export const srpStart = (): SrpClient => {
  const a = int(randomBytes(128).toString("hex"));
  return { a, publicA: power(2n, a).toString(16) };
};

const timestamp = (date: Date) => {
  const [day, dayOfMonth, month, year, time] = date.toUTCString().replace(",", "").split(" ");
  return `${day} ${month} ${Number(dayOfMonth)} ${time} UTC ${year}`;
};

/** Step two: the answer to the challenge. */
export const answerSrp = (
  { a, publicA }: SrpClient,
  poolId: string,
  password: string,
  challenge: Record<string, string>,
): Record<string, string> => {
  const { SRP_B = "", SALT = "", SECRET_BLOCK = "", USER_ID_FOR_SRP = "" } = challenge;
  const pool = poolId.split("_")[1] ?? "";
  const k = int(hashHex(`${padded(N.toString(16))}02`));
  const uHex = hashHex(padded(publicA) + padded(SRP_B));
  const identity = createHash("sha256").update(`${pool}${USER_ID_FOR_SRP}:${password}`).digest("hex");
  const x = int(hashHex(padded(SALT) + identity));
  const base = (((int(SRP_B) - k * power(2n, x)) % N) + N) % N;
  const shared = power(base, a + int(uHex) * x);
  const bytes = (hex: string) => Buffer.from(padded(hex), "hex");
  const key = hkdfSync("sha256", bytes(shared.toString(16)), bytes(uHex), "Caldera Derived Key", 16);
  const TIMESTAMP = timestamp(new Date());
  const signature = createHmac("sha256", Buffer.from(key))
    .update(pool + USER_ID_FOR_SRP)
    .update(Buffer.from(SECRET_BLOCK, "base64"))
    .update(TIMESTAMP);
  return {
    USERNAME: USER_ID_FOR_SRP,
    PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
    PASSWORD_CLAIM_SIGNATURE: signature.digest("base64"),
    TIMESTAMP,
  };
};
