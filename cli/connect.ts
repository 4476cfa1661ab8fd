import type { Connection, ConnectionOptions } from './connection.ts';
import { connectDeployed } from './deployed-connection.ts';
import { connectLocal } from './local-connection.ts';

/** Chooses the stack: a deployed one with `--stage`, else the local one. */
export function connect(options: ConnectionOptions): Connection {
  const { stage } = options;
  return stage === undefined || stage === 'local'
    ? connectLocal(options)
    : connectDeployed({ ...options, stage });
}
