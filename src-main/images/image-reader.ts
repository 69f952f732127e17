import type { ImageReader } from '../services/ports';
import { measure, verify } from './decode';

/** The port of the services onto the decoder. */
export const imageReader: ImageReader = { measure, verify };
