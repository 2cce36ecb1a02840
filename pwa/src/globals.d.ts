// Put in by build.mjs.
declare const KDF_WORKER: string;
