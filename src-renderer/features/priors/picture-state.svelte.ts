/** Which picture the Boxes screen stands at, and the object that is looked at there. */
import { untrack } from 'svelte';
import type { ProjectImage } from '@core/dataset/model';
import { router } from '../../app/route.svelte';
import { attempt } from '../../app/state/notices.svelte';
import { pictureChoice } from '../../app/state/picture-choice.svelte';
import { call } from '../../app/studio';

/** Made by a component: it follows the address while that lives. */
export class PictureState {
  /** Pictures that can be read, in the project's order; null until they are known. */
  ids = $state.raw<readonly number[] | null>(null);
  image = $state.raw<ProjectImage | null>(null);
  /** Position among the objects of the picture. */
  focused = $state<number | null>(null);
  /** The object that the address names, by its position among those of the picture. */
  readonly chosen: number | null = $derived.by(() => {
    const { image, object } = router.parameters;
    if (!this.image || object === undefined || Number(image) !== this.image.id) return null;
    return Number(object) >= 0 && Number(object) < this.image.objects.length ? Number(object) : null;
  });
  readonly position = $derived(this.image && this.ids ? this.ids.indexOf(this.image.id) : -1);

  constructor() {
    $effect(() => {
      const { ids } = this;
      if (!ids) return;
      const wanted = Number(router.parameters.image ?? untrack(() => pictureChoice.id));
      const id = ids.includes(wanted) ? wanted : ids[0];
      if (id === undefined) {
        this.image = null;
        return;
      }
      pictureChoice.id = id;
      const object = router.parameters.object;
      void attempt('Open the picture', async () => {
        const opened = await call('images.get', { id });
        if (pictureChoice.id !== id) return;
        this.image = opened;
        this.focused = object !== undefined && Number(object) < opened.objects.length ? Number(object) : null;
      });
    });
  }

  /** Steps through the pictures, around the ends. */
  go(step: number) {
    const { ids } = this;
    if (!ids || ids.length === 0) return;
    const next = ids[(this.position + step + ids.length) % ids.length];
    pictureChoice.id = next;
    const { object: _, ...others } = router.parameters;
    router.replace({ ...others, image: next });
  }
}
