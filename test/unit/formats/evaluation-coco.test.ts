import { describe, expect, it } from 'vitest';
import { FormatError } from '@core/formats/format-error';
import { readCocoDetections, readCocoGroundTruth } from '@core/formats/evaluation-coco';

const TRUTH = {
  images: [{ id: 9, file_name: 'train/b.jpg' }, { id: 4 }],
  categories: [
    { id: 3, name: 'bolt' },
    { id: 1, name: 'nut' },
  ],
  annotations: [
    { id: 1, image_id: 9, category_id: 3, bbox: [1, 2, 3, 4], area: 5, iscrowd: 0 },
    { id: 2, image_id: 4, category_id: 1, bbox: [0, 0, 10, 10], iscrowd: 1 },
  ],
};
const FOUND = { image_id: 4, category_id: 1, bbox: [0, 0, 10, 10], score: 0.5 };

const truthWith = (change: object) => readCocoGroundTruth(JSON.stringify({ ...TRUTH, ...change }));
const annotationWith = (change: object) => truthWith({ annotations: [TRUTH.annotations[0], { id: 7, ...change }] });
const foundWith = (...entries: unknown[]) => readCocoDetections(JSON.stringify(entries), truthWith({}));

describe('ground truth', () => {
  it('is read into columns, pictures and categories in order of their identifiers', () => {
    const { imageCount, classNames, groundTruths, notes } = truthWith({});
    expect([imageCount, classNames]).toEqual([2, ['nut', 'bolt']]);
    expect([...groundTruths.image]).toEqual([1, 0]);
    expect([...groundTruths.category]).toEqual([1, 0]);
    expect([...groundTruths.boxes]).toEqual([1, 2, 3, 4, 0, 0, 10, 10]);
    expect([...groundTruths.area]).toEqual([5, 100]);
    expect([...groundTruths.crowd]).toEqual([0, 1]);
    expect([...groundTruths.difficult]).toEqual([0, 0]);
    expect(notes).toEqual(['1 annotations have no area; their width times height was taken.']);
  });

  it('leaves out annotations of pictures and categories that it does not list, and says so', () => {
    const { groundTruths, notes } = truthWith({
      annotations: [
        { ...TRUTH.annotations[0], image_id: 5 },
        { ...TRUTH.annotations[0], id: 2, category_id: 6 },
      ],
    });
    expect(groundTruths.image).toHaveLength(0);
    expect(notes).toEqual([
      'Annotations of images that the file does not list were left out: 5.',
      'Annotations of categories that the file does not list were left out: 6.',
    ]);
  });

  it('notes identifiers of 0, which are never found', () => {
    const { notes } = truthWith({ annotations: [{ ...TRUTH.annotations[0], id: 0 }] });
    expect(notes).toEqual([expect.stringContaining('identifier 0')]);
  });

  it('may be named instead of numbered, sorted as numpy sorts names', () => {
    const { imageCount, imageOf, categoryOf, groundTruths } = truthWith({
      images: [{ id: 'b10' }, { id: 'b9' }],
      categories: [{ id: 'nut' }],
      annotations: [{ id: 'x', image_id: 'b9', category_id: 'nut', bbox: [1, 2, 3, 4], area: 12 }],
    });
    expect([imageCount, imageOf.get('b10'), imageOf.get('b9'), categoryOf.get('nut')]).toEqual([2, 0, 1, 0]);
    expect([...groundTruths.image]).toEqual([1]);
  });

  it('knows a picture by its file without folder and extension, unless two are called so', () => {
    const { imageOf } = truthWith({
      images: [
        { id: 1, file_name: 'left/a.jpg' },
        { id: 2, file_name: 'right/a.jpg' },
        { id: 3, file_name: 'right/b.jpg' },
      ],
      annotations: [],
    });
    expect(imageOf.get('b')).toBe(2);
    expect(imageOf.get('a')).toBeUndefined();
    expect(imageOf.get('right/a.jpg')).toBe(1);
  });

  it.each([
    ['text that is not JSON', () => readCocoGroundTruth('{"images": ['), 'it is not JSON'],
    ['a list', () => readCocoGroundTruth('[]'), 'as a whole: Invalid input: expected object'],
    ['no categories', () => truthWith({ categories: undefined }), 'categories: '],
    ['a picture without identifier', () => truthWith({ images: [{ id: 1 }, {}] }), 'images[1], id: '],
    ['two pictures of one identifier', () => truthWith({ images: [{ id: 4 }, { id: 4 }] }), 'images[1] has the id 4'],
    [
      'two annotations of one identifier',
      () => annotationWith({ ...TRUTH.annotations[0] }),
      'annotations[1] has the id 1',
    ],
    [
      'a box of three numbers',
      () => annotationWith({ image_id: 9, category_id: 3, bbox: [1, 2, 3] }),
      'annotations[1] (id 7), bbox',
    ],
    [
      'a box with text',
      () => annotationWith({ image_id: 9, category_id: 3, bbox: [1, 2, 'x', 4] }),
      'annotations[1] (id 7), bbox[2]: ',
    ],
    [
      'a box with an endless number',
      () => readCocoGroundTruth(JSON.stringify(TRUTH).replace('[1,2,', '[1,1e999,')),
      'annotations[0] (id 1), bbox[1]: ',
    ],
    [
      'a segmentation without box',
      () => annotationWith({ image_id: 9, category_id: 3 }),
      'annotations[1] (id 7), bbox: ',
    ],
    ['an entry that is nothing', () => truthWith({ annotations: [null] }), 'annotations[0], as a whole: '],
  ])('refuses %s and names the place', (_, read, message) => {
    expect(read).toThrow(FormatError);
    expect(read).toThrow(message);
  });
});

describe('detections', () => {
  it('are read from a list or from a data set with scores', () => {
    const truth = truthWith({});
    for (const text of [JSON.stringify([FOUND]), JSON.stringify({ annotations: [{ id: 1, ...FOUND }] })]) {
      const { detections, notes } = readCocoDetections(text, truth);
      expect([[...detections.image], [...detections.category], [...detections.score]]).toEqual([[0], [0], [0.5]]);
      expect(notes).toEqual([]);
    }
  });

  it('of unknown pictures and categories are left out and counted', () => {
    const { detections, notes } = foundWith(
      FOUND,
      { ...FOUND, image_id: 8 },
      { ...FOUND, image_id: 8 },
      { ...FOUND, category_id: 2 },
    );
    expect(detections.score).toHaveLength(1);
    expect(notes).toEqual([
      '2 detections were left out: the ground truth has no pictures 8.',
      '1 detections were left out: the ground truth has no categories 2.',
    ]);
  });

  it('of a data set with lists of its own are known by names, whatever the numbers', () => {
    const truth = truthWith({
      images: [
        { id: 9, file_name: 'train/b.jpg' },
        { id: 4, file_name: 'a.jpg' },
      ],
    });
    const own = {
      images: [
        { id: 4, file_name: 'b.jpg' },
        { id: 9, file_name: 'a.jpg' },
      ],
      categories: [
        { id: 1, name: 'bolt' },
        { id: 2, name: 'washer' },
      ],
      annotations: [FOUND, { ...FOUND, category_id: 2 }],
    };
    const { detections, notes } = readCocoDetections(JSON.stringify(own), truth);
    expect([[...detections.image], [...detections.category]]).toEqual([[1], [1]]);
    expect(notes).toEqual(['1 detections were left out: the ground truth has no categories washer.']);
  });

  it('with a mask and no box have the box around the mask, and its area', () => {
    const segmentation = { size: [60, 80], counts: 'd:n0^Z4' };
    const { detections } = foundWith({ ...FOUND, bbox: [], segmentation }, FOUND);
    expect([...detections.boxes]).toEqual([5, 0, 2, 60, 0, 0, 10, 10]);
    expect([...(detections.area ?? [])]).toEqual([30, 100]);
  });

  it.each([
    ['no score', { ...FOUND, score: undefined }, 'detections[1], score: '],
    ['a score that is not a number', { ...FOUND, score: 'high' }, 'detections[1], score: '],
    ['a picture that is not named by a whole number', { ...FOUND, image_id: 1.5 }, 'detections[1], image_id: '],
    [
      'a mask that is no mask',
      { ...FOUND, bbox: undefined, segmentation: [[1, 2, 3, 4, 5, 6]] },
      'detections[1], bbox: ',
    ],
    ['no box', { image_id: 4, category_id: 1, score: 1, segmentation: {} }, 'detections[1], bbox: '],
  ])('with %s are refused with their place', (_, entry, message) => {
    expect(() => foundWith(FOUND, entry)).toThrow(FormatError);
    expect(() => foundWith(FOUND, entry)).toThrow(message);
  });
});
