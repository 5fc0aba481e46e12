/// <reference types="vite/client" />

interface ImportMetaEnv {
  /**
   * Address of the local cloud's console, `/_local`; empty in a build for AWS. Written out wherever something local is
   * imported, so that the bundler sees the import fall away.
   */
  readonly VITE_LOCAL_CLOUD: string;
}
