/** Why a picture cannot be used. `message` names the file and the reason in words for a person. */
export class ImageError extends Error {
  constructor(
    readonly file: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${reason}`, options);
    this.name = 'ImageError';
  }
}

/** What libvips, sharp and the file system say, in plain words. */
export function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOENT') return 'the file does not exist';
  if (code === 'EACCES' || code === 'EPERM') return 'the file may not be read';
  if (code === 'EISDIR') return 'this is a folder, not a picture';
  const text = error instanceof Error ? error.message : String(error);
  if (/pixel limit/i.test(text)) return 'the picture has too many pixels';
  if (/unsupported image format|no known loader|blocked/i.test(text))
    return 'this is not a picture in a supported format';
  if (/premature end|truncated|end of (file|stream)|not enough|read gave/i.test(text)) {
    return 'the picture is truncated or corrupt';
  }
  return `the picture is corrupt (${text.split('\n')[0]?.trim() ?? 'no details'})`;
}
