/** Bytes of an annotation file as text, whatever the encoding it declares. */
import { TextDecoder } from 'node:util';
import { FormatError } from '@core/formats/format-error';

/**
 * By byte order mark, else by the encoding that an XML declaration names, else UTF-8. Throws FormatError for an encoding that
 * is unknown or that the bytes do not follow.
 */
export function decodeText(bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes) ?? 'utf-8';
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new FormatError(`its encoding is not known: ${encoding}`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new FormatError(`it is not text in the encoding ${encoding}`);
  }
}

function markedEncoding(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

function declaredEncoding(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 200));
  const name = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1];
  // Read byte by byte it cannot be UTF-16, whatever it says.
  return name === undefined || /^utf-?16/i.test(name) ? null : name;
}
