/**
 * XML as a tree of elements, for annotation files from anywhere. Nothing is expanded or fetched: saxes knows the five
 * predefined entities only, and a document type with declarations of its own is refused.
 */
import { SaxesParser } from 'saxes';
import { FormatError } from './format-error';

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** The text directly inside, without that of the children. */
  readonly text: string;
}

interface OpenElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: OpenElement[];
  text: string;
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 1_000_000;

/** Returns the root element. Throws FormatError with line and column when the text is not well-formed XML, or hostile. */
export function parseXml(text: string): XmlElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: OpenElement | null = null;
  let elements = 0;

  parser.on('error', (error) => {
    const [, line, column, reason] = /^(?:undefined:)?(\d+):(\d+): (.*)$/s.exec(error.message) ?? [];
    throw new FormatError(
      line === undefined ? `not well-formed XML: ${error.message}` : `line ${line}, column ${column}: ${reason}`,
    );
  });
  parser.on('doctype', (declaration) => {
    if (/[[]|\bENTITY\b/.test(declaration)) {
      throw new FormatError('its document type declares entities or elements of its own, which is not read');
    }
  });
  parser.on('opentag', ({ name, attributes }) => {
    elements += 1;
    if (open.length >= MAX_DEPTH) throw new FormatError(`elements are nested deeper than ${MAX_DEPTH}`);
    if (elements > MAX_ELEMENTS) throw new FormatError(`more than ${MAX_ELEMENTS} elements`);
    const element: OpenElement = { name, attributes, children: [], text: '' };
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  const addText = (part: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += part;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);

  parser.write(text.startsWith('\uFEFF') ? text.slice(1) : text).close();
  if (root === null) throw new FormatError('it holds no element');
  return root;
}

export function childNamed(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** Trimmed text of the first child of that name; undefined when there is none or it is empty. */
export function childText(element: XmlElement, name: string): string | undefined {
  const text = childNamed(element, name)?.text.trim();
  return text === undefined || text === '' ? undefined : text;
}
