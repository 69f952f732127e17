/** What computes on this machine: its speed measured, and the CUDA libraries that bring the NVIDIA GPU. */
import { z } from 'zod';
import { ENGINE_IDS, type EngineId } from '../experiment/run';
import { channel } from './channel';
import { operationId } from './projects';
import type { EngineStatus } from './runs';

/** Whether the CUDA libraries lie in the user's data folder, which says nothing about a GPU. */
export interface CudaState {
  /** 'interrupted': a download began and can go on. 'damaged': files are missing or have other sizes than when they came. */
  readonly state: 'unsupported' | 'absent' | 'interrupted' | 'installed' | 'damaged';
  /** Of TensorFlow; null when nothing is installed. */
  readonly version: string | null;
  readonly folder: string;
  /** On disk now. */
  readonly bytes: number;
  /** Why not here, or what is damaged, in words; null otherwise. */
  readonly problem: string | null;
  /** Whether the system has NVIDIA's driver, without which the libraries are of no use. */
  readonly driver: boolean;
}

export interface CudaPackage {
  readonly name: string;
  readonly version: string;
  /** Still to be fetched; 0 when it is there and whole. */
  readonly downloadBytes: number;
  /** Once unpacked. */
  readonly diskBytes: number;
}

/** What an installation would fetch, known before it begins. */
export interface CudaPlan {
  readonly packages: readonly CudaPackage[];
  readonly downloadBytes: number;
  /** Of the finished installation. */
  readonly diskBytes: number;
  /** That must be free for it: the files to come and the largest archive. */
  readonly neededBytes: number;
  readonly freeBytes: number;
  readonly folder: string;
  /** Host that the packages come from. */
  readonly source: string;
}

/** A real training, on made-up pictures. */
export interface EngineSpeed {
  readonly engine: EngineId;
  readonly network: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly imagesPerSecond: number;
}

export const engineChannels = {
  /** What each engine is or lacks, best first. Found out once in a session, because the self-tests take seconds. */
  'engines.list': channel(z.void()).returns<readonly EngineStatus[]>(),
  /** The same found out anew. */
  'engines.check': channel(z.void()).returns<readonly EngineStatus[]>(),
  'engines.measure': channel(z.object({ engine: z.enum(ENGINE_IDS), operationId })).returns<EngineSpeed>(),
  'engines.cuda': channel(z.void()).returns<CudaState>(),
  'engines.planCuda': channel(z.object({ operationId })).returns<CudaPlan>(),
  /** Fetches what is missing or damaged. What was fetched before a lost connection is used; a cancellation leaves nothing. */
  'engines.installCuda': channel(z.object({ operationId })).returns<CudaState>(),
  'engines.removeCuda': channel(z.void()).returns<CudaState>(),
} as const;
