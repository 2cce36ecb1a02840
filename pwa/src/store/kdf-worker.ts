// Runs the key derivation off the page's thread, so that the unlock screen stays alive.
import { type KdfParams, stretch } from "./kdf.ts";

declare const self: DedicatedWorkerGlobalScope;

export type KdfRequest = { pin: string; salt: Uint8Array<ArrayBuffer>; params: KdfParams };
export type KdfReply = { key: Uint8Array<ArrayBuffer> } | { error: string };

self.addEventListener("message", async (event: MessageEvent<KdfRequest>) => {
  let reply: KdfReply;
  try {
    reply = { key: await stretch(event.data.pin, event.data.salt, event.data.params) };
  } catch (error) {
    reply = { error: String(error) };
  }
  self.postMessage(reply);
});
