/** Why a file of annotations cannot be read. The message says what and where in the file; the caller adds the file's name. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}
