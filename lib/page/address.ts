/** Whose a task or a room is. */
export interface PageOwner {
  vendor: string;
  appId: string;
}

/** The paths of the page. */
export const PATHS = {
  overview: '/',
  attention: '/page/attention',
  hide: '/page/hide',
  tasks: '/page/tasks',
  files: '/page/files',
  usage: '/page/usage',
  find: '/page/find',
  task: '/page/task',
  room: '/page/room',
  login: '/page/login',
  logout: '/page/logout',
  styles: '/page/page.css',
  script: '/page/page.js',
  icon: '/page/icon.svg',
} as const;

/** The address of a task's page. Ids are in the query, because no path can hold the id `..`. */
export function taskAddress({ vendor, appId }: PageOwner, taskId: string): string {
  return pageAddress(PATHS.task, { vendor, appId, id: taskId });
}

/** The address of a room's page. */
export function roomAddress({ vendor, appId }: PageOwner, roomId: string): string {
  return pageAddress(PATHS.room, { vendor, appId, id: roomId });
}

/** The address of the form that hides an attention item. */
export function hideAddress(id: string): string {
  return pageAddress(PATHS.hide, { id });
}

/** The address of a page with parameters. */
export function pageAddress(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const parameters = parametersOf(query);
  return parameters.size === 0 ? path : `${path}?${parameters}`;
}

/** The parameters of an address; those without a value are left out, as is an empty field of a form. */
function parametersOf(query: Readonly<Record<string, string | undefined>>): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') parameters.set(name, value);
  }
  return parameters;
}

/**
 * A URL out of a callback in the form that a browser would use, when it is one of the web; `undefined` for every
 * other text, such as `javascript:` and `data:` URLs, and for URLs that carry a user name.
 */
export function webAddress(url: string | undefined): string | undefined {
  const parsed = url === undefined ? null : URL.parse(url);
  const isWeb = parsed?.protocol === 'https:' || parsed?.protocol === 'http:';
  return isWeb && parsed.username === '' && parsed.password === '' ? parsed.href : undefined;
}

const PICTURE = /\.(?:avif|bmp|gif|jpe?g|png|webp)$/i;

/** The reader's own machine, and what is only on his network segment, such as the credentials of a cloud's instances. */
const LOOPBACK_OR_LINK_LOCAL = [
  /^(?:.+\.)?localhost\.?$/,
  /^(?:127|0)(?:\.\d+){3}$/,
  /^169\.254(?:\.\d+){2}$/,
  /^\[::1?\]$/,
  // 127.0.0.0/8, 0.0.0.0/8 and 169.254.0.0/16 written as IPv6, as a URL has them.
  /^\[::(?:ffff:)?(?:7f[\da-f]{2}|[\da-f]{1,2}|a9fe):[\da-f]+\]$/,
  /^\[fe[89ab][\da-f]:/,
];

/**
 * The address of a file when it is a picture that a browser can show. A callback must not make the reader's browser ask
 * services of its own machine.
 */
export function pictureAddress(file: { name: string; url?: string | undefined }): string | undefined {
  const address = webAddress(file.url);
  if (address === undefined) return undefined;
  const { hostname } = new URL(address);
  if (LOOPBACK_OR_LINK_LOCAL.some((form) => form.test(hostname))) return undefined;
  return PICTURE.test(new URL(address).pathname) || PICTURE.test(file.name) ? address : undefined;
}
