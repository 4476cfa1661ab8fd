import type { Task } from '../ledger/answers.ts';
import type { TaskAnswer } from '../ledger/read-task.ts';
import { absoluteTime, name, outcomeText, ownerText, roomLink, statusBadge, wholeName } from './elements.ts';
import { facts } from './facts.ts';
import { type FileListOptions, taskFiles } from './files.ts';
import { type Html, html } from './html.ts';
import { nextPage } from './next-page.ts';
import { section } from './section.ts';
import { countText, durationText } from './text.ts';
import { timelineSection } from './timeline.ts';

/** A task's own page: what is known of it, its files, and the callbacks that told so. */
export function taskView(
  answer: TaskAnswer,
  nextAddress: string | undefined,
  options: FileListOptions,
): Html {
  const { task, files, events = [] } = answer;
  return html`<h1><span class="what">Task</span> ${wholeName(task.taskId)}</h1>
${taskFacts(task, options.now)}
${section({
  id: 'files',
  title: 'Files',
  aside: html`<span class="muted">${countText(files.length, 'file')}${nextAddress !== undefined && ' on this page'}</span>`,
  body: files.length > 0 ? taskFiles(files, options) : html`<p>No file is known yet.</p>`,
})}
${timelineSection(events, options.now)}
${nextPage(nextAddress)}`;
}

function taskFacts(task: Task, now: number): Html {
  const { startedAt, endedAt, code, message } = task;
  const ranMs =
    startedAt === undefined || endedAt === undefined
      ? Number.NaN
      : Date.parse(endedAt) - Date.parse(startedAt);
  const outcome = code === undefined && message === undefined ? undefined : outcomeText(code, message);
  return facts([
    ['Status', statusBadge(task.status)],
    ['Kind', task.kind],
    ['App', ownerText(task)],
    ['Room', task.roomId === undefined ? undefined : roomLink(task, task.roomId)],
    ['Session', known(task.sessionId)],
    ['User', known(task.userId)],
    ['Started', startedAt === undefined ? undefined : absoluteTime(startedAt, now)],
    ['Ended', endedAt === undefined ? undefined : absoluteTime(endedAt, now)],
    ['Ran for', ranMs >= 0 ? durationText(ranMs) : undefined],
    ['Said', outcome],
    ['Mode', task.mode],
    ['Risk', known(task.riskLevel)],
    ['Extra', known(task.extra)],
    ['Configuration', task.config === undefined ? undefined : configuration(task.config)],
  ]);
}

function known(text: string | undefined): Html | undefined {
  return text === undefined ? undefined : name(text);
}

function configuration(config: object): Html {
  return html`<details id="configuration"><summary>Show</summary><pre tabindex="0">
${JSON.stringify(config, null, 2)}</pre></details>`;
}
