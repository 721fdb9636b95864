// The record that the running server serves, asked directly.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const database = process.env.DIABAN_DATABASE ?? '';
export const needsRecord = 'needs the record: DIABAN_DATABASE is not set';

export async function record(statement: string): Promise<string[][]> {
    const { stdout } = await run('psql', ['-X', '-q', '-A', '-t', '-F', ' ', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement]);
    return stdout.trim().split('\n').map(line => line.split(' '));
}
