import { pictureUrl } from '@core/contract/studio';
import type { CornerBox, ImagePx } from '@core/geometry/box';
import { pictureChoice } from '../../app/state/picture-choice.svelte';
import { call } from '../../app/studio';
import { SIDE } from './lesson';

type Box = CornerBox<ImagePx>;

/** The bottle of the drawn picture. */
const BOTTLE: Box = { x1: 172, y1: 34, x2: 224, y2: 212 };

/** The picture that every drawing lies on, stretched to the network's input as in training, and the object they speak of. */
class Lesson {
  /** Null: the picture drawn by code. */
  url = $state<string | null>(null);
  object = $state.raw<Box>(BOTTLE);
  /** A picture of the open project that could be shown. */
  own = $state.raw<{ readonly url: string; readonly object: Box } | null>(null);

  /** Looks for a picture of the open project, the one that was looked at last before all. */
  async look() {
    this.own = null;
    try {
      const ids = await call('images.ids', { filter: { problem: false } });
      const id = ids.find((each) => each === pictureChoice.id) ?? ids[0];
      if (id === undefined) return this.show(false);
      const image = await call('images.get', { id });
      const area = ({ box }: { readonly box: Box }) => (box.x2 - box.x1) * (box.y2 - box.y1);
      const [largest] = [...image.objects].sort((a, b) => area(b) - area(a));
      const [x, y] = [SIDE / image.width, SIDE / image.height];
      const { x1, y1, x2, y2 } = largest?.box ?? { x1: 0, y1: 0, x2: image.width / 3, y2: image.height / 3 };
      this.own = { url: pictureUrl(id), object: { x1: x * x1, y1: y * y1, x2: x * x2, y2: y * y2 } };
    } catch {
      // Without a project, or without a picture in it, the drawn one serves.
      this.show(false);
    }
  }

  show(own: boolean) {
    this.url = own && this.own ? this.own.url : null;
    this.object = own && this.own ? this.own.object : BOTTLE;
  }
}

export const lesson = new Lesson();
