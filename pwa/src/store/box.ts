// A sealed box (PROTOCOL §3.8): anybody who has the village's public key can close it, only the village
// can open it. P-256 and not X25519, which WebCrypto has only in the newest browsers.
type Bytes = Uint8Array<ArrayBuffer>;

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const encoder = new TextEncoder();

export function bytesOf(base64: string): Bytes {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

export function base64Of(bytes: Bytes): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const join = (...parts: Bytes[]): Bytes => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Closes a box over a value, or over bytes as they are; it does so once. */
export type Close = (value: unknown) => Promise<Bytes>;

/** A box with a key of its own, still open. `key` is the village's: an uncompressed point, base64. */
export async function openBox(key: string): Promise<Close> {
  const theirs = bytesOf(key);
  const [village, own] = await Promise.all([
    crypto.subtle.importKey("raw", theirs, CURVE, false, []),
    crypto.subtle.generateKey(CURVE, false, ["deriveBits"]),
  ]);
  const [exported, secret] = await Promise.all([
    crypto.subtle.exportKey("raw", own.publicKey),
    crypto.subtle.deriveBits({ name: "ECDH", public: village }, own.privateKey, 256),
  ]);
  const point = new Uint8Array(exported);
  const material = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const once = await crypto.subtle.deriveKey(
    {
      name: "HKDF",
      hash: "SHA-256",
      salt: join(point, theirs),
      info: encoder.encode("zoufang-carry 1"),
    },
    material,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  return async (value) => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const isBytes = value instanceof Uint8Array;
    const text = isBytes ? (value as Bytes) : encoder.encode(JSON.stringify(value));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, once, text);
    return join(point, iv, new Uint8Array(sealed));
  };
}

/**
 * Keeps one box open in advance: agreeing on its key takes a slow phone longer than all else in a save. None is
 * closed twice.
 */
export class Boxes {
  #key = "";
  #ready: Promise<Close | null> | null = null;

  /** Opens the next box ahead of need. */
  prepare(key: string): void {
    if (this.#ready && this.#key === key) return;
    this.#key = key;
    this.#ready = openBox(key).catch(() => null);
  }

  async open(key: string): Promise<Close> {
    const ready = this.#key === key ? this.#ready : null;
    this.#ready = null;
    return (await ready) ?? openBox(key);
  }
}
