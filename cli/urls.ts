import type { Command } from 'commander';
import { pathSegmentOf } from '../lib/receive/path-segment.ts';
import { SOURCES, VENDORS } from '../lib/vendors/index.ts';
import { createSecretsReader, receivedBy } from './connection.ts';
import { actionOf, type Context, type Session } from './context.ts';
import { EXIT } from './failure.ts';
import { printable, writeJson, writeLine, writeNote, writeTable } from './output.ts';

/** Adds `urls`. */
export function addUrls(program: Command, session: Session): void {
  program
    .command('urls')
    .description('the URLs to paste into each console')
    .option(
      '--segments',
      "with the unguessable last segment of each app's URLs; they are as good as a password",
    )
    .addHelpText(
      'after',
      '\nExamples:\n  rtc-callbacks urls --stage prod\n  rtc-callbacks urls --stage prod --segments --json',
    )
    .action(actionOf(session, (context, options: { segments?: boolean }) => showUrls(context, options)));
}

/** A URL and where it belongs. */
interface PastedUrl {
  vendor: string;
  console: string;
  /** The app, where its URL ends with its segment. */
  appId?: string;
  where: string;
  secret: string;
  url: string;
}

async function showUrls(context: Context, { segments = false }: { segments?: boolean }): Promise<number> {
  const apps = segments ? await segmentsByVendor(context) : undefined;
  const urls: PastedUrl[] = [];
  for (const source of await receivedBy(context.connection, SOURCES.values())) {
    const { vendor, console } = source;
    const url = await context.connection.callbackUrl(source);
    const place = {
      vendor,
      console: console.name,
      where: console.where,
      secret: VENDORS[vendor].secret.name,
      url,
    };
    if (apps === undefined) urls.push(place);
    for (const { appId, segment } of apps?.get(vendor) ?? [])
      urls.push({ ...place, appId, url: `${url}/${segment}` });
  }
  if (context.json) writeJson({ urls });
  else writeUrls(urls, segments);
  return EXIT.ok;
}

async function segmentsByVendor({ connection }: Context) {
  const read = createSecretsReader(connection);
  const segments = new Map<string, { appId: string; segment: string }[]>();
  const vendors = new Set((await receivedBy(connection, SOURCES.values())).map(({ vendor }) => vendor));
  for (const vendor of vendors) {
    const result = await read(vendor);
    if (!result.ok) {
      writeNote(`${connection.secretsPlace(vendor)}: ${printable(result.reason)}`);
      continue;
    }
    // The newest secret is the one that the vendor is to use.
    const apps = [...result.secrets].map(([appId, [secret = '']]) => ({
      appId,
      segment: pathSegmentOf(appId, secret),
    }));
    segments.set(vendor, apps);
  }
  return segments;
}

function writeUrls(urls: readonly PastedUrl[], segments: boolean): void {
  const app = segments ? ['app'] : [];
  writeTable(
    ['vendor', 'console', ...app, 'URL'],
    urls.map(({ vendor, console, appId, url }) => [vendor, console, ...(segments ? [appId] : []), url]),
  );
  writeLine();
  const places = [...new Map(urls.map((url) => [`${url.vendor} ${url.console}`, url])).values()];
  writeTable(
    ['vendor', 'where to paste it', 'the secret that signs'],
    places.map(({ vendor, where, secret }) => [vendor, where, secret]),
  );
}
