// Debian's Chromium, without a network and with a software WebGL that draws alike everywhere.
export const launchOptions = {
    executablePath: process.env.DIABAN_CHROMIUM ?? '/usr/bin/chromium',
    args: [
        '--no-sandbox', '--disable-quic', '--disable-background-networking', '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
    ],
};

export function baseURL() {
    const url = process.env.DIABAN_URL;
    if (!url) throw new Error('DIABAN_URL must hold the address of a running server, as http://localhost:8080');
    return url.replace(/\/$/, '');
}
