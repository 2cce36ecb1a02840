// Stretches a PIN in the worker, so that the screen stays alive on a slow phone.
import type { KdfParams, KdfReply, KdfRequest } from "./kdf.ts";

export async function stretch(
  pin: string,
  salt: Uint8Array<ArrayBuffer>,
  params: KdfParams,
): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(KDF_WORKER);
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<KdfReply>) => {
        if ("key" in event.data) resolve(event.data.key);
        else reject(new RangeError(event.data.error));
      };
      worker.onerror = () => reject(new RangeError("The key worker did not start"));
      worker.postMessage({ pin, salt, params } satisfies KdfRequest);
    });
  } finally {
    worker.terminate();
  }
}
