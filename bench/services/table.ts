import type { AddressInfo } from 'node:net';
import dynalite from 'dynalite';

/* A DynamoDB in memory. Prints its port. */

const server = dynalite({ createTableMs: 0 });
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
