/** The missed objects that the Boxes screen lists: those that its filter lets through, worst first. */
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { router } from '../../app/route.svelte';
import type { BoxesState, ProjectFit } from './boxes-state.svelte';
import { filterMissed, filterOf, type MissedFilter, withFilter } from './missed-filter';

export interface MissedObject {
  /** Position among the objects of the project. */
  readonly object: number;
  readonly imageId: number;
  /** Position among the objects of its picture. */
  readonly position: number;
  readonly classId: number;
  readonly box: CornerBox<ImagePx>;
  readonly picture: { readonly width: number; readonly height: number };
  readonly bestIou: number;
  readonly forced: boolean;
  /** In pixels of the network input. */
  readonly width: number;
  readonly height: number;
  /** The map of its best default box, -1 without. */
  readonly map: number;
  /** That box; null without. */
  readonly best: CornerBox<ImagePx> | null;
}

export class MissedState {
  readonly filter: MissedFilter = $derived(filterOf(router.parameters));
  readonly #fit: ProjectFit | null = $derived.by(() => this.boxes.fit);
  readonly #filtered = $derived.by(() => {
    const fit = this.#fit;
    return fit && filterMissed(fit.missed, fit.objects.classId, this.filter);
  });
  /** Null until the objects are compared. */
  readonly total: number | null = $derived.by(() => this.#fit?.missed.object.length ?? null);
  readonly shown: readonly number[] = $derived(this.#filtered?.shown ?? []);
  readonly counts = $derived(this.#filtered?.counts ?? null);

  constructor(private readonly boxes: BoxesState) {}

  /** @param index position in `shown` */
  at(index: number): MissedObject | null {
    const fit = this.#fit;
    const at = this.shown[index];
    if (!fit || at === undefined) return null;
    const { missed, objects, boxes } = fit;
    const object = missed.object[at];
    const prior = missed.prior[at];
    const picture = { width: objects.imageWidth[object], height: objects.imageHeight[object] };
    const inPixels = (x1: number, y1: number, x2: number, y2: number): CornerBox<ImagePx> => ({
      x1: x1 * picture.width,
      y1: y1 * picture.height,
      x2: x2 * picture.width,
      y2: y2 * picture.height,
    });
    const [px1, py1, px2, py2] = boxes.corners.subarray(4 * prior, 4 * prior + 4);
    return {
      object,
      imageId: objects.imageId[object],
      position: objects.position[object],
      classId: objects.classId[object],
      box: inPixels(objects.x1[object], objects.y1[object], objects.x2[object], objects.y2[object]),
      picture,
      bestIou: missed.bestIou[at],
      forced: missed.forced[at] === 1,
      width: missed.width[at],
      height: missed.height[at],
      map: missed.source[at],
      best: prior < 0 ? null : inPixels(px1, py1, px2, py2),
    };
  }

  /** Position in `shown` of an object of a picture; -1 when it is not among them. */
  indexOf(imageId: number, position: number): number {
    const fit = this.#fit;
    if (!fit) return -1;
    const { missed, objects } = fit;
    return this.shown.findIndex((at) => {
      const object = missed.object[at];
      return objects.imageId[object] === imageId && objects.position[object] === position;
    });
  }

  /** Looks at these only. */
  choose(filter: MissedFilter) {
    router.replace({ ...withFilter(router.parameters, filter), view: 'missed' });
  }

  /** The picture at the object. */
  open({ imageId, position }: MissedObject) {
    router.replace({ ...router.parameters, view: 'picture', image: imageId, object: position });
  }
}
