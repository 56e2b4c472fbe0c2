import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { Failure } from './failure.ts';

/** Makes the data folder where there is none, for its owner alone, and makes sure that it can be written. */
export async function prepareDataFolder(folder: string): Promise<void> {
  const elsewhere = 'choose another with --data-dir DIR';
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // ENOENT is how a recursive mkdir of Node tells a read-only file system
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOENT')
      throw new Failure(`This user must not write to the data folder ${folder}: give it the rights, or ${elsewhere}.`);
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new Failure(`The data folder ${folder} is no folder, or part of its path is none: ${elsewhere}.`);
    if (code === 'ENOSPC') throw new Failure(`There is no space left for the data folder ${folder}.`);
    throw error;
  }
}
