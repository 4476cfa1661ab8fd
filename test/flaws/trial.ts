import { readFile, writeFile } from 'node:fs/promises';
import { flawedText, placed } from './flaw.ts';
import { FLAWS } from './flaws.ts';
import { type Selection, Suite, type SuiteResult } from './suite.ts';

/** A process that runs tests in the project copy that is its working directory, with a flaw or without. */

/** What it gets. */
export interface Trial extends Selection {
  /** The name of the flaw to plant. */
  flaw?: string;
}

const suite = new Suite();

process.on('message', async (trial: Trial) => {
  const result = await resultOf(trial).catch(
    (error: Error): SuiteResult => ({ verdict: 'broken', output: String(error.stack) }),
  );
  process.send?.(result);
});
process.once('disconnect', async () => {
  await suite.close();
  process.exit();
});

async function resultOf({ flaw: name, ...selection }: Trial): Promise<SuiteResult> {
  const recorded = FLAWS.find((flaw) => flaw.name === name);
  if (recorded === undefined) return await suite.run(selection);
  const flaw = placed(recorded, process.cwd());
  const text = await readFile(flaw.file, 'utf8');
  const write = async (content: string) => {
    await writeFile(flaw.file, content);
    suite.hasChanged(flaw.file);
  };
  await write(flawedText(text, flaw));
  try {
    return await suite.run(selection);
  } finally {
    await write(text);
  }
}
