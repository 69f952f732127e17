/** The chapters of the help page; other screens link to them by id. */
export const HELP_SECTIONS = [
  { id: 'start', title: 'One look at the picture' },
  { id: 'maps', title: 'Feature maps and cells' },
  { id: 'scales', title: 'Sizes: from s_min to s_max' },
  { id: 'ratios', title: 'Shapes: aspect ratios' },
  { id: 'iou', title: 'Overlap: IoU' },
  { id: 'matching', title: 'Who learns which object' },
  { id: 'negatives', title: 'Hard negatives' },
  { id: 'offsets', title: 'What the network answers' },
  { id: 'nms', title: 'One box for each object' },
  { id: 'words', title: 'Words' },
] as const;

/** What the studio calls things, in a sentence each. */
export const GLOSSARY: readonly (readonly [word: string, meaning: string])[] = [
  [
    'Aspect ratio',
    'Width divided by height. 2 stands for boxes twice as wide as high, and with them those twice as high as wide.',
  ],
  [
    'Average precision (AP)',
    'How well a detector finds the objects of a class, from 0 to 1: the mean of its precision over all recalls. mAP is the mean over the classes.',
  ],
  ['Background', 'What every default box should say that has no object.'],
  ['Checkpoint', 'The state of a run on disk: it goes on from there, and detects with it.'],
  [
    'Confidence',
    'How sure the network is of a class at a default box, from 0 to 1. All classes and background add up to 1.',
  ],
  ['Coverage', 'The share of your objects that some default box overlaps enough.'],
  [
    'Default box',
    'A fixed box at a cell of a feature map, from which the network corrects. Also called prior or anchor.',
  ],
  ['Extra box', 'The square of size √(min · max) between a map’s own size and that of the next map.'],
  ['Forced match', 'The best default box of an object that none overlaps enough; it learns the object all the same.'],
  [
    'Hard negative',
    'A background default box that looks much like an object to the network. Only the hardest count in the loss.',
  ],
  ['IoU', 'Intersection over union: the area that two boxes share, divided by the area that they cover together.'],
  ['Loss', 'What training makes small: how wrong confidences and offsets are.'],
  [
    'Map',
    'A feature map that predicts, also called source. A fine one has many cells for small objects, a coarse one few for large ones.',
  ],
  ['NMS', 'Non-maximum suppression: of detections of a class that overlap, only the best is kept.'],
  ['Offset', 'How the network moves and stretches a default box: two numbers for the centre, two for the size.'],
  ['Positive', 'A default box that learns an object.'],
  ['Run', 'One training, from its settings to its checkpoints.'],
  ['Scale', 'A size as a part of the picture: 0.2 is a fifth of its side.'],
  ['Step', 'One correction of the weights, from one batch of pictures.'],
  [
    'Variance',
    'What offsets are divided by, so that they are neither tiny nor huge: 0.1 for the centre, 0.2 for the size.',
  ],
];
