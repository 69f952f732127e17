/** The compute process as fork starts it. */
import { picturesHere } from '../images/picture-source';
import { connectToParent } from './compute-parent';
import { serveJob } from './compute-process';

serveJob(connectToParent(), picturesHere(new URL('./loader.mjs', import.meta.url)));
