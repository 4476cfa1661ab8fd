/** How a vendor names the objects that it puts into a customer's bucket. */
export interface StorageRule {
  /** The prefix under which all objects of a task are, before it the console's own; absent where the vendor has none. */
  taskPrefix?(taskId: string): string;
  /** Whether an object may be the file after the vendor has recovered it. `base` is the last part of the object's key. */
  isRecovered?(base: string, name: string): boolean;
}

/** The last part of a key, a path or a name. */
export function baseName(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Files that people play or look at. Segments of HLS are parts of one. */
const MEDIA = /\.(mp4|m3u8|flv|mp3|m4a|aac|wav|ogg|webm|mkv|mov|jpe?g|png)$/i;

/** Whether an object is a file of its own: media or a playlist, and never a segment. */
export function isMedia(key: string): boolean {
  return MEDIA.test(key);
}

/** Whether a name is that of a playlist, which is there from the first segment on. */
export function isPlaylist(name: string): boolean {
  return /\.m3u8$/i.test(name);
}

/**
 * The keys that a file may have, the likeliest first: the path of the URL that a callback named, and the name after the
 * console's prefix. `taskPrefix` is the vendor's, and ends with a slash.
 */
export function keysOfFile(
  file: { name: string; url?: string | undefined },
  { bucket, prefix, taskPrefix = '' }: { bucket: string; prefix: string; taskPrefix?: string },
): string[] {
  const before = prefix === '' ? '' : `${prefix}/`;
  const name = URL.canParse(file.name)
    ? pathKeys(file.name, bucket)
    : [before + taskPrefix + file.name, file.name];
  const keys = [...(file.url === undefined ? [] : pathKeys(file.url, bucket)), ...name];
  return [...new Set(keys.filter((key) => key !== '' && !hasDotSegment(key)))];
}

/** No object has such a key, and on the way to a service it might be read as the path of another bucket. */
function hasDotSegment(key: string): boolean {
  return key.split('/').some((part) => part === '.' || part === '..');
}

/** The bucket is the first part of the path where it is not in the host's name. */
function pathKeys(address: string, bucket: string): string[] {
  const path = decoded(URL.parse(address)?.pathname.replace(/^\/+/, '') ?? '');
  const isInPath = path.startsWith(`${bucket}/`);
  return isInPath ? [path.slice(bucket.length + 1), path] : [path];
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
