/** The path of a task's page; of the sample app of RongCloud when no other is named. */
export function taskPath(taskId: string, vendor = 'rongcloud', appId = 'e0x9wycfx7flq'): string {
  return `/page/task?${new URLSearchParams({ vendor, appId, id: taskId })}`;
}

/** The path of a room's page. */
export function roomPath(roomId: string, vendor = 'rongcloud', appId = 'e0x9wycfx7flq'): string {
  return `/page/room?${new URLSearchParams({ vendor, appId, id: roomId })}`;
}
