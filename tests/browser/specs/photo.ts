// Photos as telephones take them: where and when stands in their EXIF.

/// A JPEG that says that it was taken there and then.
export function placed(jpeg: Buffer, lon: number, lat: number, taken: Date): Buffer {
    const tiff = Buffer.alloc(187);
    let at = 0;
    const short = (value: number) => { at = tiff.writeUInt16LE(value, at); };
    const long = (value: number) => { at = tiff.writeUInt32LE(value, at); };
    const entry = (tag: number, type: number, count: number, value: number) => { short(tag); short(type); long(count); long(value); };
    const three = (...values: number[]) => values.forEach(value => { long(Math.round(value * 10_000)); long(10_000); });
    const sexagesimal = (value: number) => three(Math.floor(value), Math.floor((value % 1) * 60), ((value * 60) % 1) * 60);
    at = tiff.write('II', 'latin1');
    short(42); long(8); // the first directory
    short(1); entry(0x8825, 4, 1, 26); long(0); // which says where that of the position is
    short(6);
    entry(1, 2, 2, 'N'.charCodeAt(0)); entry(2, 5, 3, 104);
    entry(3, 2, 2, 'E'.charCodeAt(0)); entry(4, 5, 3, 128);
    entry(7, 5, 3, 152); entry(0x1d, 2, 11, 176); long(0);
    sexagesimal(lat); sexagesimal(lon);
    three(taken.getUTCHours(), taken.getUTCMinutes(), taken.getUTCSeconds());
    tiff.write(taken.toISOString().slice(0, 10).replaceAll('-', ':'), at, 'latin1');
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
    head.writeUInt16BE(body.length + 2, 2);
    return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}
