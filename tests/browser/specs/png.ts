// Reads a PNG of eight bits a channel, without interlacing (W3C PNG, 3rd edition: chunks 5.3, filters 9.2).

import { inflateSync } from 'node:zlib';

export interface Pixels { width: number; height: number; at(x: number, y: number): string }

const paeth = (a: number, b: number, c: number): number => {
    const [p, q, r] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
    return p <= q && p <= r ? a : q <= r ? b : c;
};

export function readPng(file: Buffer): Pixels {
    if (file.readUInt32BE(0) !== 0x89504e47) throw new Error('no PNG');
    let [width, height, channels] = [0, 0, 0];
    const packed: Buffer[] = [];
    for (let at = 8; at < file.length;) {
        const length = file.readUInt32BE(at);
        const kind = file.toString('latin1', at + 4, at + 8);
        const body = file.subarray(at + 8, at + 8 + length);
        if (kind === 'IHDR') {
            [width, height, channels] = [body.readUInt32BE(0), body.readUInt32BE(4), { 2: 3, 6: 4 }[body[9]!] ?? 0];
            if (body[8] !== 8 || channels === 0 || body[12] !== 0) throw new Error('another kind of PNG');
        }
        if (kind === 'IDAT') packed.push(body);
        at += length + 12;
    }
    const raw = inflateSync(Buffer.concat(packed));
    const row = width * channels;
    const all = Buffer.alloc(row * height);
    for (let y = 0; y < height; ++y) {
        const filter = raw[y * (row + 1)]!;
        for (let i = 0; i < row; ++i) {
            const left = i >= channels ? all[y * row + i - channels]! : 0;
            const up = y > 0 ? all[(y - 1) * row + i]! : 0;
            const corner = y > 0 && i >= channels ? all[(y - 1) * row + i - channels]! : 0;
            const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]!;
            all[y * row + i] = raw[y * (row + 1) + 1 + i]! + guess;
        }
    }
    return {
        width, height,
        at: (x, y) => `#${all.toString('hex', y * row + x * channels, y * row + x * channels + 3).toUpperCase()}`,
    };
}
