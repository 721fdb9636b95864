// QGIS without a screen: Debian's own Python, which alone has Debian's QGIS, runs one of our scripts.

import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from '@playwright/test';

export const noQgis = !process.env.DIABAN_QGIS;
export const needsQgis = 'needs QGIS (docker/install.sh qgis) and DIABAN_QGIS=1';

/// What a script answers to a question, both JSON.
export async function qgis<Answer>(script: string, question: object): Promise<Answer> {
    mkdirSync('output/qgis', { recursive: true });
    const child = spawn('/usr/bin/python3', [script], {
        env: { ...process.env, QT_QPA_PLATFORM: 'offscreen', XDG_RUNTIME_DIR: resolve('output'), HOME: resolve('output/qgis') },
    });
    child.stdin.end(JSON.stringify(question));
    const [out, said] = await Promise.all([text(child.stdout), text(child.stderr)]);
    expect(out, said).toContain('"version"');
    return JSON.parse(out.slice(out.indexOf('{'))) as Answer;
}
