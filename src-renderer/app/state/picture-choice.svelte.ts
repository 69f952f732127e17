/** The picture that Label and Boxes show: chosen on one, kept on the other. Null until one is chosen, and for a new project. */
class PictureChoice {
  id = $state<number | null>(null);
}

export const pictureChoice = new PictureChoice();
