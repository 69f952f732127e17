/** Architectures by the names that people, papers and weight files give them. */
import type { ArchitectureId } from './description';
import { type Architecture, ARCHITECTURES } from './zoo';

/** Spellings beside the id and the name, as `plain` leaves them. */
const SPELLINGS: Readonly<Record<ArchitectureId, readonly string[]>> = {
  rfb320: ['versionrfb320', 'ultralightrfb320'],
  slim320: ['versionslim320', 'ultralightslim320'],
  rfb640: ['versionrfb640', 'ultralightrfb640'],
  slim640: ['versionslim640', 'ultralightslim640'],
  ssdlite320: ['ssdlite', 'ssdlite320mobilenetv3large', 'ssdlitemobilenetv3large', 'ssdlite320mobilenetv3'],
  ssd300: ['ssd300vgg16', 'ssd300vgg', 'ssdvgg300', 'ssdvgg16300', 'vgg16ssd300', 'vggssd300'],
  ssd500: ['ssd500vgg16', 'ssd500vgg', 'ssdvgg500', 'ssdvgg16500', 'vgg16ssd500', 'vggssd500'],
  ssd512: ['ssd512vgg16', 'ssd512vgg', 'ssdvgg512', 'ssdvgg16512', 'vgg16ssd512', 'vggssd512'],
  rfbnet300: ['rfb300', 'rfbvgg300', 'rfb300vgg', 'rfbnetvgg300', 'rfbnet300vgg', 'rfbnet300vgg16'],
  rfbnet512: ['rfb512', 'rfbvgg512', 'rfb512vgg', 'rfbnetvgg512', 'rfbnet512vgg', 'rfbnet512vgg16'],
  'rfbnet300-e': ['rfb300e', 'rfbe300', 'rfbnete300', 'rfbevgg300', 'rfbnetevgg300', 'rfb300evgg'],
  'rfbnet512-e': ['rfb512e', 'rfbe512', 'rfbnete512', 'rfbevgg512', 'rfbnetevgg512', 'rfb512evgg'],
  'rfbnet-mobile': ['rfbmobile', 'rfbmobile300', 'rfbnetmobile300', 'rfbnet300mobile', 'rfb300mobile', 'rfbmobilenet'],
};

/** Letters and digits in lower case: 'RFBNet-E 300' and 'rfbnet_e_300' are one spelling. */
const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The architecture with this id, name or common spelling, or null. Case, spaces, hyphens and underscores do not matter. */
export function findArchitecture(text: string): Architecture | null {
  const wanted = plain(text);
  const isWanted = ({ id, name }: Architecture) =>
    [id, name, ...SPELLINGS[id]].some((known) => plain(known) === wanted);
  return ARCHITECTURES.find(isWanted) ?? null;
}
