// The phone's lock. Everything is sealed with a data key, each value under an IV of its own and bound
// to its place; the data key is wrapped under a key made from the PIN *and* a secret of this device,
// so neither alone opens anything:
//
//   PIN --Argon2id--> k;  k XOR device secret --HKDF--> key-encryption key --unwraps--> data key
//
// The device secret lies wrapped by a WebCrypto key that cannot be exported. The data key never
// leaves WebCrypto either once unwrapped. Changing the PIN wraps the same data key anew. A PIN guards
// against the curious and the finder, not against someone who copies the phone's storage.
import { ARGON2, type KdfParams, PBKDF2 } from "./kdf.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface Lock {
  key_id: string;
  kdf: KdfParams;
  salt: Bytes;
  /** Not exportable; opens `secret`. */
  device_key: CryptoKey;
  secret_iv: Bytes;
  secret: Bytes;
  wrapped_iv: Bytes;
  wrapped: Bytes;
}

export interface Sealed {
  key_id: string;
  schema: number;
  iv: Bytes;
  ct: ArrayBuffer;
}

export type Stretch = (pin: string, salt: Bytes, params: KdfParams) => Promise<Bytes>;

export class WrongPin extends Error {}

const SCHEMA = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));

async function keyFromPin(pin: string, lock: Lock, stretch: Stretch): Promise<CryptoKey> {
  const slow = await stretch(pin, lock.salt, lock.kdf);
  const secret = new Uint8Array(
    await crypto.subtle.decrypt(
      { name: "AES-GCM", iv: lock.secret_iv },
      lock.device_key,
      lock.secret,
    ),
  );
  const mixed = slow.map((byte, at) => byte ^ (secret[at] ?? 0));
  const material = await crypto.subtle.importKey("raw", mixed, "HKDF", false, ["deriveKey"]);
  mixed.fill(0);
  slow.fill(0);
  secret.fill(0);
  return crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: lock.salt,
      info: encoder.encode(`zoufang data key ${lock.key_id}`),
    },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["wrapKey", "unwrapKey"],
  );
}

async function unwrap(lock: Lock, kek: CryptoKey, extractable: boolean): Promise<CryptoKey> {
  try {
    return await crypto.subtle.unwrapKey(
      "raw",
      lock.wrapped,
      kek,
      { name: "AES-GCM", iv: lock.wrapped_iv },
      "AES-GCM",
      extractable,
      ["encrypt", "decrypt"],
    );
  } catch {
    throw new WrongPin("The PIN does not open the data key");
  }
}

async function emptyLock(kdf: KdfParams): Promise<Lock> {
  const device_key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, [
    "encrypt",
    "decrypt",
  ]);
  const secret = random(32);
  const secret_iv = random(12);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: secret_iv },
    device_key,
    secret,
  );
  secret.fill(0);
  return {
    key_id: [...random(6)].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    kdf,
    salt: random(16),
    device_key,
    secret_iv,
    secret: new Uint8Array(sealed),
    wrapped_iv: random(12),
    wrapped: new Uint8Array(0),
  };
}

async function wrapInto(lock: Lock, kek: CryptoKey, dataKey: CryptoKey): Promise<Lock> {
  const wrapped = await crypto.subtle.wrapKey("raw", dataKey, kek, {
    name: "AES-GCM",
    iv: lock.wrapped_iv,
  });
  return { ...lock, wrapped: new Uint8Array(wrapped) };
}

/** Makes a lock and its data key. A phone that cannot spare Argon2id's memory gets PBKDF2. */
export async function createLock(
  pin: string,
  stretch: Stretch,
): Promise<{ lock: Lock; key: CryptoKey }> {
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, [
    "encrypt",
    "decrypt",
  ]);
  let lock = await emptyLock(ARGON2);
  let kek: CryptoKey;
  try {
    kek = await keyFromPin(pin, lock, stretch);
  } catch {
    lock = { ...lock, kdf: PBKDF2 };
    kek = await keyFromPin(pin, lock, stretch);
  }
  lock = await wrapInto(lock, kek, fresh);
  return { lock, key: await unwrap(lock, kek, false) };
}

/** Throws WrongPin. */
export async function openLock(pin: string, lock: Lock, stretch: Stretch): Promise<CryptoKey> {
  return unwrap(lock, await keyFromPin(pin, lock, stretch), false);
}

/** The same data key under another PIN. Throws WrongPin when the old one is wrong. */
export async function changePin(
  old: string,
  pin: string,
  lock: Lock,
  stretch: Stretch,
): Promise<Lock> {
  const dataKey = await unwrap(lock, await keyFromPin(old, lock, stretch), true);
  const next: Lock = { ...lock, salt: random(16), wrapped_iv: random(12) };
  return wrapInto(next, await keyFromPin(pin, next, stretch), dataKey);
}

/** What the seal is bound to: a sealed value moved to another place does not open. */
const bound = (place: string, schema: number, keyId: string): Bytes =>
  encoder.encode(`${place}|${schema}|${keyId}`);

export interface Seal {
  key_id: string;
  seal(place: string, value: unknown): Promise<Sealed>;
  /** Throws when the bytes or their place were tampered with. */
  open<T>(place: string, sealed: Sealed): Promise<T>;
  sealBytes(place: string, bytes: Bytes): Promise<Sealed>;
  openBytes(place: string, sealed: Sealed): Promise<Bytes>;
}

export function sealWith(key: CryptoKey, keyId: string): Seal {
  async function sealBytes(place: string, bytes: Bytes): Promise<Sealed> {
    const iv = random(12);
    const ct = await crypto.subtle.encrypt(
      { name: "AES-GCM", iv, additionalData: bound(place, SCHEMA, keyId) },
      key,
      bytes,
    );
    return { key_id: keyId, schema: SCHEMA, iv, ct };
  }
  async function openBytes(place: string, sealed: Sealed): Promise<Bytes> {
    const plain = await crypto.subtle.decrypt(
      {
        name: "AES-GCM",
        iv: sealed.iv,
        additionalData: bound(place, sealed.schema, sealed.key_id),
      },
      key,
      sealed.ct,
    );
    return new Uint8Array(plain);
  }
  return {
    key_id: keyId,
    sealBytes,
    openBytes,
    seal: (place, value) => sealBytes(place, encoder.encode(JSON.stringify(value))),
    async open<T>(place: string, sealed: Sealed): Promise<T> {
      return JSON.parse(decoder.decode(await openBytes(place, sealed))) as T;
    },
  };
}
