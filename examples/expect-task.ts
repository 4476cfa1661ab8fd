/**
 * Says that your backend has started a task, so that it becomes an attention item when no callback of it ever comes.
 * Call it right after the vendor's API has answered with the id of the task; a repeated call replaces the one before.
 *
 * With Node.js 22.18 or newer:
 *
 *   READ_API=http://127.0.0.1:3000 node examples/expect-task.ts tencent 1400000000 <TaskId> lesson-7
 *
 * A deployed stage (output HttpApiUrl) wants requests that are signed with IAM credentials (`execute-api:Invoke`), for
 * example by the package `aws4`, or by `curl --aws-sigv4 "aws:amz:<region>:execute-api" --user <key>:<secret>`.
 */
import type { ExpectTask, Task } from '../types/index.d.ts';

const [vendor = '', appId = '', taskId = '', label] = process.argv.slice(2);
const expected: ExpectTask = { kind: 'recording', label, startedAt: new Date().toISOString() };

const path = ['tasks', vendor, appId, taskId].map(encodeURIComponent).join('/');
const response = await fetch(`${process.env.READ_API}/${path}`, {
  method: 'PUT',
  body: JSON.stringify(expected),
});
const answer = (await response.json()) as { task: Task } | { code: number; reason: string };
if ('reason' in answer) throw new Error(`${answer.code}: ${answer.reason}`);
console.log(answer.task.status, answer.task.label);
