/** What the canvas of the Boxes screen looks at: the cell, one of its boxes, and what the matching makes of all boxes. */
import type { ProjectImage } from '@core/dataset/model';
import { type BoxPlace, boxPlace } from '@core/priors/box-place';
import { matchingBoxes } from '@core/priors/coverage';
import { sourceOf } from '@core/priors/generate';
import type { Point } from '../../canvas/viewport';
import type { BoxesState } from './boxes-state.svelte';
import { drawnBoxes, rolesOf, shapeKinds, shownShapes } from './box-drawing';
import { canvasSettings as show } from './canvas-settings.svelte';
import { boxesOfCell, type Cell, cellAt, moveCell } from './grid';
import { HardNegativesState } from './hard-negatives.svelte';
import { defaultBox, matchObjects, type RoleBox } from './layers';
import { boxesAt, nextPick } from './pick-box';

interface Looked {
  readonly boxes: BoxesState;
  readonly image: ProjectImage | null;
  readonly map: number;
  readonly onmap: (map: number) => void;
}

/** CSS pixels by which the pointer may miss a border. */
const PICK_PIXELS = 5;

/** Made by a component: it follows what is looked at while that lives. */
export class CanvasState {
  hovered = $state.raw<Cell | null>(null);
  pinned = $state.raw<Cell | null>(null);
  /** The chosen box of the pinned cell, by its position in the cell. */
  cellBox = $state(0);
  readonly hard: HardNegativesState;
  readonly #looked: () => Looked;

  readonly #boxes = $derived.by(() => this.#looked().boxes);
  readonly #image = $derived.by(() => this.#looked().image);
  readonly map = $derived.by(() => this.#looked().map);
  readonly grid = $derived.by(() => this.#boxes.grids[this.map]);
  readonly cell = $derived(this.pinned ?? this.hovered);

  readonly shapes = $derived.by(() => shapeKinds(this.#boxes.configuration));
  readonly #shown = $derived.by(() => shownShapes(this.#boxes.configuration, show.hidden));
  readonly #onlyMap = $derived.by(() => (show.all === 'map' ? this.map : null));

  readonly matches = $derived.by(() => {
    const { boxes, matchingThreshold, configuration } = this.#boxes;
    if (!this.#image || this.#image.objects.length === 0) return [];
    return matchingBoxes(matchObjects(this.#image), boxes, matchingThreshold, configuration.variances);
  });
  readonly drawnMatches = $derived.by(() => this.matches.filter(({ prior }) => this.isDrawn(prior)));
  readonly hardLosses = $derived.by(
    () => new Map(this.hard.answer?.negatives.map(({ prior, loss }) => [prior, loss]) ?? []),
  );
  readonly roles = $derived.by(() => rolesOf(this.matches, this.hardLosses.keys()));
  /** Every negative that is drawn. */
  readonly negatives = $derived.by(() => {
    const { roles } = this;
    return drawnBoxes(this.#boxes.boxes, this.#shown, this.#onlyMap, (prior) => roles.has(prior));
  });
  /** The boxes that the loss counts. */
  readonly roleBoxes = $derived.by(() => {
    const ious = new Map(this.matches.map(({ prior, iou }) => [prior, iou]));
    const counted: RoleBox[] = [];
    for (const [prior, role] of this.roles) {
      if (role === 'negative' || !this.isDrawn(prior)) continue;
      counted.push({ prior, role, value: (role === 'hard' ? this.hardLosses : ious).get(prior) ?? 0 });
    }
    return counted;
  });

  /** The boxes of the cell whose shapes are drawn, by their positions in the cell. */
  readonly cellBoxes = $derived.by(() => {
    const shown = this.#shown[this.map];
    return shown ? shown.flatMap((is, index) => (is ? [index] : [])) : [];
  });
  /** Position among all of the chosen box; null while no cell is pinned. */
  readonly chosen = $derived.by(() => {
    if (!this.pinned || !this.grid) return null;
    const at = this.cellBoxes.includes(this.cellBox) ? this.cellBox : this.cellBoxes[0];
    return at === undefined ? null : boxesOfCell(this.grid, this.pinned)[at];
  });
  readonly chosenPlace: BoxPlace | null = $derived.by(() =>
    this.chosen === null ? null : boxPlace(this.chosen, this.#boxes.boxes, this.#boxes.configuration),
  );

  constructor(looked: () => Looked) {
    this.#looked = looked;
    this.hard = new HardNegativesState(() => ({
      network: this.#boxes.network,
      configuration: this.#boxes.configuration,
      imageId: this.#image?.id ?? null,
      wanted: show.hardNegatives,
    }));
    $effect(() => {
      void this.#boxes.network;
      this.release();
    });
    // Of another map: a cell of the old one may not be there.
    $effect(() => {
      const { grid, pinned } = this;
      if (pinned && grid && (pinned.row >= grid.height || pinned.column >= grid.width)) this.release();
    });
  }

  isDrawn(prior: number): boolean {
    const { boxes } = this.#boxes;
    const source = sourceOf(boxes, prior);
    if (this.#onlyMap !== null && source !== this.#onlyMap) return false;
    return this.#shown[source][(prior - boxes.offsets[source]) % boxes.grids[source].boxesPerCell];
  }

  place(index: number) {
    return defaultBox(this.#boxes.boxes, boxesOfCell(this.grid, this.cell ?? { row: 0, column: 0 })[index]);
  }

  /** The pointer over the picture, in image pixels. */
  hover(point: Point | null) {
    const image = this.#image;
    this.hovered = point && image ? cellAt(this.grid, point.x / image.width, point.y / image.height) : null;
  }

  /**
   * A click. Among all boxes: the one under the pointer, the next there when it is clicked again. Otherwise a border of the
   * pinned cell's boxes chooses that box, and another cell is pinned, or this one let go.
   * @param scale CSS pixels per image pixel
   */
  click(point: Point, scale: number) {
    const image = this.#image;
    if (!image) return;
    const own = this.pinned ? new Set(boxesOfCell(this.grid, this.pinned)) : null;
    const among = (isShown: (prior: number) => boolean, tolerance: number) =>
      boxesAt(
        this.#boxes.boxes,
        {
          x: point.x / image.width,
          y: point.y / image.height,
          tolerance: [tolerance / scale / image.width, tolerance / scale / image.height],
          isShown,
        },
        image,
      );
    if (show.all !== 'none') {
      this.choose(
        nextPick(
          among((prior) => this.isDrawn(prior), PICK_PIXELS),
          this.chosen,
        ),
      );
      return;
    }
    const at = cellAt(this.grid, point.x / image.width, point.y / image.height);
    const isPinned = at !== null && at.row === this.pinned?.row && at.column === this.pinned.column;
    const borders = own ? among((prior) => own.has(prior) && this.isDrawn(prior), PICK_PIXELS) : [];
    const near = borders.filter((prior) => this.#isNear(prior, point, scale));
    if (near.length > 0) this.choose(nextPick(near, this.chosen));
    else if (isPinned) this.release();
    else this.pin(at);
  }

  #isNear(prior: number, point: Point, scale: number): boolean {
    const image = this.#image!;
    const { x1, y1, x2, y2 } = defaultBox(this.#boxes.boxes, prior);
    const miss = Math.min(
      ...[point.x - x1 * image.width, point.x - x2 * image.width].map(Math.abs),
      ...[point.y - y1 * image.height, point.y - y2 * image.height].map(Math.abs),
    );
    return miss * scale <= PICK_PIXELS;
  }

  /** A box by its position among all; its map is shown and its cell pinned. */
  choose(prior: number | null) {
    if (prior === null) return this.release();
    const { source, row, column, cellBox } = boxPlace(prior, this.#boxes.boxes, this.#boxes.configuration);
    if (source !== this.map) this.#looked().onmap(source);
    this.pinned = { row, column };
    this.cellBox = cellBox;
  }

  /** The next or previous box of the pinned cell. */
  step(by: number) {
    const { cellBoxes } = this;
    if (!this.pinned) this.move(0, 0);
    if (cellBoxes.length === 0) return;
    const at = Math.max(0, cellBoxes.indexOf(this.cellBox));
    this.cellBox = cellBoxes[(at + by + cellBoxes.length) % cellBoxes.length];
  }

  pin(at: Cell | null) {
    this.pinned = at;
  }

  move(rows: number, columns: number) {
    const from = this.pinned ?? { row: this.grid.height >> 1, column: this.grid.width >> 1 };
    this.pinned = this.pinned ? moveCell(this.grid, from, rows, columns) : from;
  }

  release() {
    this.pinned = null;
    this.hovered = null;
  }
}
