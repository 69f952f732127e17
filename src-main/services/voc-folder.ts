/**
 * Which file is what in a folder of Pascal VOC annotations. Known layouts: VOC's own (Annotations, JPEGImages, ImageSets/Main),
 * also several of them one or more levels down (VOCdevkit/VOC2007); pictures in `images/`; XML and pictures side by side;
 * folders train/, valid/, test/.
 */
import type { Split } from '@core/dataset/model';
import type { FoundFile } from './ports';

export interface VocFolder {
  readonly annotations: readonly FoundFile[];
  readonly pictures: PictureIndex;
  /** ImageSets/Main/<name>.txt that are there. */
  readonly lists: readonly { readonly name: 'train' | 'val' | 'test' | 'trainval'; readonly file: FoundFile }[];
  /** Name of an annotation for picture and list: its path below the folder of annotations, without the extension. */
  nameOf(annotation: FoundFile): string;
}

const PICTURE = /\.(jpe?g|png|bmp|webp)$/i;
const ANNOTATION = /\.xml$/i;
const withoutExtension = (path: string): string => path.replace(/\.[^./]*$/, '');
const lastOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export const isPicture = (file: FoundFile): boolean => PICTURE.test(file.relative);
export const isAnnotation = (file: FoundFile): boolean => ANNOTATION.test(file.relative);

/**
 * `pictures`: what was found in a separate folder of pictures, or null when they lie with the annotations. A folder that holds
 * pictures and not one annotation is one folder of pictures that nobody has labelled yet; without pictures either, none.
 */
export function findVocFolders(files: readonly FoundFile[], pictures: readonly FoundFile[] | null): VocFolder[] {
  const roots = new Set<string>();
  for (const file of files) {
    const match = isAnnotation(file) ? /^(.*?)annotations\//i.exec(file.relative) : null;
    if (match !== null && (match[1] === '' || match[1].endsWith('/'))) roots.add(match[1]);
  }
  if (roots.size === 0) roots.add('');
  const annotated = [...roots]
    .map((root) => vocFolder(root, files, pictures))
    .filter((found) => found.annotations.length > 0);
  if (annotated.length > 0) return annotated;
  const unlabelled = vocFolder('', files, pictures);
  return unlabelled.pictures.files.length > 0 ? [unlabelled] : [];
}

function vocFolder(root: string, files: readonly FoundFile[], pictures: readonly FoundFile[] | null): VocFolder {
  const inside = files.filter((file) => file.relative.startsWith(root));
  const below = (file: FoundFile): string => file.relative.slice(root.length);
  const hasFolder = inside.some((file) => isAnnotation(file) && /^annotations\//i.test(below(file)));
  const annotations = inside.filter(
    (file) => isAnnotation(file) && (!hasFolder || /^annotations\//i.test(below(file))),
  );
  const nameOf = (file: FoundFile): string => withoutExtension(below(file).replace(/^annotations\//i, ''));

  // VOC's segmentation masks have the names of the pictures.
  const own = inside.filter((file) => isPicture(file) && !/(^|\/)segmentation[^/]*\//i.test(below(file)));
  const inJpegImages = own.filter((file) => /^jpegimages\//i.test(below(file)));
  const index =
    pictures === null
      ? new PictureIndex(inJpegImages.length > 0 ? inJpegImages : own, (file) =>
          below(file).replace(/^(jpegimages|images|imgs|img)\//i, ''),
        )
      : new PictureIndex(pictures.filter(isPicture), (file) => file.relative);

  const lists = (['train', 'val', 'test', 'trainval'] as const).flatMap((name) => {
    const named = (path: string) => inside.find((file) => below(file).toLowerCase() === `${path}/${name}.txt`);
    const file = named('imagesets/main') ?? named('imagesets');
    return file === undefined ? [] : [{ name, file }];
  });
  return { annotations, pictures: index, lists, nameOf };
}

/** Pictures by their path without extension and by their last name, upper and lower case alike when the exact name is not there. */
export class PictureIndex {
  readonly #byPath = new Map<string, FoundFile[]>();
  readonly #byName = new Map<string, FoundFile[]>();
  readonly #pathOf: (file: FoundFile) => string;

  constructor(
    readonly files: readonly FoundFile[],
    pathOf: (file: FoundFile) => string,
  ) {
    this.#pathOf = pathOf;
    for (const file of files) {
      const path = withoutExtension(pathOf(file)).toLowerCase();
      push(this.#byPath, path, file);
      push(this.#byName, lastOf(path), file);
    }
  }

  /** The path a copy should have below the project's images/. */
  pathOf(file: FoundFile): string {
    return this.#pathOf(file);
  }

  /** The picture of an annotation: the one named like the XML, else the one that its <filename> names; or why there is none. */
  find(name: string, fileName: string | null): FoundFile | { readonly reason: string } {
    const found = this.#named(name, fileName);
    if (found !== null) return found;
    if (fileName === null) return { reason: `there is no picture named ${lastOf(name)}` };
    const written = fileName.replaceAll('\\', '/');
    if (written.split('/').includes('..')) {
      return { reason: `its <filename> leads out of the folder and is not followed: ${fileName}` };
    }
    // An absolute path names a place on another machine: only its last part can mean something here.
    const isAbsolute = /^(\/|[A-Za-z]:)/.test(written);
    return (
      this.#named(withoutExtension(isAbsolute ? lastOf(written) : written.replace(/^(\.\/)+/, '')), fileName) ?? {
        reason: `its picture is missing: ${fileName}`,
      }
    );
  }

  #named(name: string, fileName: string | null): FoundFile | { readonly reason: string } | null {
    const key = name.toLowerCase();
    const candidates = this.#byPath.get(key) ?? this.#byName.get(lastOf(key)) ?? [];
    if (candidates.length < 2) return candidates[0] ?? null;
    const exact = candidates.filter((file) => lastOf(withoutExtension(file.relative)) === lastOf(name));
    const asWritten = candidates.filter((file) => lastOf(file.relative) === lastOf(fileName ?? ''));
    for (const choice of [asWritten, exact]) if (choice.length === 1) return choice[0];
    return { reason: `several pictures have its name: ${candidates.map((file) => file.relative).join(', ')}` };
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values === undefined) map.set(key, [value]);
  else values.push(value);
}

/** Splits by name from the texts of the lists. A name in several lists belongs to the first of train, val, test, trainval. */
export function splitsFromLists(
  lists: readonly { readonly name: 'train' | 'val' | 'test' | 'trainval'; readonly text: string }[],
): ReadonlyMap<string, Split> {
  const splits = new Map<string, Split>();
  for (const { name, text } of lists) {
    for (const line of text.split(/\r\n|\r|\n/)) {
      // Lists of one class carry 1 or -1 behind the name; some writers keep the extension.
      const [entry] = line.trim().split(/\s+/);
      if (entry === '') continue;
      const key = PICTURE.test(entry) || ANNOTATION.test(entry) ? withoutExtension(entry) : entry;
      if (!splits.has(key)) splits.set(key, name === 'trainval' ? 'train' : name);
    }
  }
  return splits;
}

const FOLDER_SPLITS: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  test: 'test',
  testing: 'test',
};

/** train/, valid/, test/ as the first folder of a path; null otherwise. */
export function splitFromFolder(path: string): Split | null {
  return FOLDER_SPLITS[path.slice(0, path.indexOf('/')).toLowerCase()] ?? null;
}
