// What the guided tours show of areas of which there is nothing else, loaded as `./run demo --scene` does, and taken away again.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { database, record, run } from './record';

const top = fileURLToPath(new URL('../../../', import.meta.url));
const scenes = join(top, 'data/scenes');

/// As `load_scene` of docker/load.sh, but for the officer: accounts are the tests' own.
export async function loadScene(scene: string): Promise<void> {
    const measured = join(scenes, `${scene}.sql`);
    if (existsSync(measured)) await run('psql', ['-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', measured]);
    await run(join(top, 'build/release/diaban'), ['import', '--plan', join(scenes, `${scene}.toml`), '--data', scenes, '--database', database, '--home', top]);
}

/// Where its tour begins, as `./run demo` says it.
export const sceneFrom = (scene: string): string =>
    /^ {4}from: '(.*)',$/m.exec(readFileSync(join(top, 'services/console/src/tour', `${scene}.ts`), 'utf8'))![1]!;

/// The role of a scene's officer.
export const sceneRole = (scene: string): object => JSON.parse(readFileSync(join(scenes, scene, 'role.json'), 'utf8')) as object;

/// Rows of one of its files, which have no commas inside their cells.
export function sceneRows(scene: string, file: string): Record<string, string | undefined>[] {
    const [head = '', ...rows] = readFileSync(join(scenes, scene, `${file}.csv`), 'utf8').trim().split('\n');
    const names = head.split(',');
    return rows.map(row => Object.fromEntries(row.split(',').map((value, i) => [names[i]!, value])));
}

const quoted = (values: (string | undefined)[]) => values.map(one => `'${one!.replaceAll("'", "''")}'`).join(', ');

/// The files of a scene, which collection each fills, and the field that names its rows.
const named = {
    indicators: ['indicators', 'code'], catalogue: ['indicator_catalogue', 'code'], dossiers: ['service_dossiers', 'number'],
    cameras: ['cameras', 'name'], reports: ['reports', 'code'],
} as const;

export async function clearScene(scene: string, files: readonly (keyof typeof named)[]): Promise<void> {
    await record(files.map(file => `DELETE FROM record.${named[file][0]} WHERE ${named[file][1]} IN (${quoted(sceneRows(scene, file).map(one => one[named[file][1]]))})`).join(';'));
}
