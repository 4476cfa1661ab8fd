import { cpus } from 'node:os';
import type { Percentiles } from './statistics.ts';

/** A measured distribution, such as the latencies of one variant. */
export interface Distribution extends Percentiles {
  what: string;
  unit: string;
  errors: number;
}

/** One number, with what it should be where there is a target. */
export interface Figure {
  what: string;
  value: number;
  unit: string;
  target?: Target;
  /** What else one has to know of it. */
  note?: string;
}

/** A bound, both ways inclusive. */
export type Target = { atMost: number } | { atLeast: number };

/** What one part of the benchmark measured. */
export interface PartResult {
  distributions: Distribution[];
  figures: Figure[];
}

/** A part of the benchmark: a name for the command line, and how it measures, for people. */
export interface Part {
  name: string;
  method: string;
  run(options: RunOptions): Promise<PartResult>;
}

/** What the command line says to every part. */
export interface RunOptions {
  /** Whether the largest sizes are measured too. */
  full: boolean;
  /** Shows what is being done. */
  progress: (line: string) => void;
}

/** All that one run measured. */
export interface Report {
  machine: { node: string; cpu: string; cores: number; platform: string };
  startedAt: string;
  full: boolean;
  parts: ({ name: string; method: string; seconds: number } & PartResult)[];
}

/** The machine that a run was made on. */
export function thisMachine(): Report['machine'] {
  const cores = cpus();
  return {
    node: process.version,
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** Whether a figure is as it should be; `undefined` where nothing says how it should be. */
function isMet({ value, target }: Figure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

/** The figures that miss their targets. */
export function missedFigures(report: Report): Figure[] {
  return report.parts.flatMap((part) => part.figures).filter((figure) => isMet(figure) === false);
}

/** The report as tables for people. */
export function reportText(report: Report): string {
  const { machine } = report;
  const lines = [
    `${report.startedAt}  Node.js ${machine.node}, ${machine.cores} × ${machine.cpu}, ${machine.platform}`,
  ];
  for (const { name, method, seconds, distributions, figures } of report.parts) {
    lines.push('', `${name} (${seconds.toFixed(0)} s): ${method}`);
    if (distributions.length > 0) lines.push('', ...distributionTable(distributions));
    if (figures.length > 0) lines.push('', ...figureTable(figures));
  }
  return `${lines.join('\n')}\n`;
}

function distributionTable(distributions: readonly Distribution[]): string[] {
  const rows = distributions.map((row) => [
    row.what,
    row.unit,
    String(row.count),
    ...[row.p50, row.p95, row.p99, row.p999].map(shortNumber),
    String(row.errors),
  ]);
  return table(['', 'unit', 'count', 'p50', 'p95', 'p99', 'p99.9', 'errors'], rows);
}

function figureTable(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => [
    figure.what,
    shortNumber(figure.value),
    figure.unit,
    targetText(figure.target),
    { true: 'met', false: 'MISSED', undefined: '' }[String(isMet(figure)) as 'true'],
    figure.note ?? '',
  ]);
  return table(['', 'value', 'unit', 'target', '', 'note'], rows);
}

function targetText(target: Target | undefined): string {
  if (target === undefined) return '';
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}

/** Three significant digits; whole numbers from 100 on. */
export function shortNumber(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en-US');
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** Columns aligned; those of numbers are on the right. */
function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const isNumeric = header.map((_, column) => rows.every((row) => /^[-\d.,]*$/.test(row[column] ?? '')));
  return all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric[column] ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
