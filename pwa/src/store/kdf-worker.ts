// Runs the key derivation off the page's thread, so that the unlock screen stays alive.
import { type KdfReply, type KdfRequest, stretch } from "./kdf.ts";

declare const self: DedicatedWorkerGlobalScope;

self.addEventListener("message", async (event: MessageEvent<KdfRequest>) => {
  let reply: KdfReply;
  try {
    reply = { key: await stretch(event.data.pin, event.data.salt, event.data.params) };
  } catch (error) {
    reply = { error: String(error) };
  }
  self.postMessage(reply);
});
