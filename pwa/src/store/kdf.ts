// From a PIN to 32 bytes of key, slowly on purpose. Argon2id at 46 MiB and one pass is the floor of
// OWASP ASVS 5.0 appendix C; a phone that cannot spare the memory uses PBKDF2 with 600,000 rounds.
import { argon2id } from "@noble/hashes/argon2.js";

export type KdfParams =
  | { kind: "argon2id"; memory_kib: number; passes: number }
  | { kind: "pbkdf2"; rounds: number };

export type KdfRequest = { pin: string; salt: Uint8Array<ArrayBuffer>; params: KdfParams };
export type KdfReply = { key: Uint8Array<ArrayBuffer> } | { error: string };

export const ARGON2: KdfParams = { kind: "argon2id", memory_kib: 47_104, passes: 1 };
export const PBKDF2: KdfParams = { kind: "pbkdf2", rounds: 600_000 };

const KEY_BYTES = 32;

/** Throws RangeError when the memory cannot be had. */
export async function stretch(
  pin: string,
  salt: Uint8Array<ArrayBuffer>,
  params: KdfParams,
): Promise<Uint8Array<ArrayBuffer>> {
  const secret = new TextEncoder().encode(pin.normalize("NFKC"));
  if (params.kind === "argon2id") {
    const key = argon2id(secret, salt, {
      m: params.memory_kib,
      t: params.passes,
      p: 1,
      dkLen: KEY_BYTES,
    });
    return new Uint8Array(key);
  }
  const material = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const bits = await crypto.subtle.deriveBits(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: params.rounds },
    material,
    KEY_BYTES * 8,
  );
  return new Uint8Array(bits);
}
