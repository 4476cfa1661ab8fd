declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface Options {
    /** The folder of the LevelDB store; in memory when absent. */
    path?: string;
    /** How long a new table stays in CREATING, in ms. */
    createTableMs?: number;
  }

  /** A DynamoDB server that is not listening yet; closing it closes its store. */
  export default function dynalite(options?: Options): Server;
}
