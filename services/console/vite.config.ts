import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const require = createRequire(import.meta.url);

/// The label fonts under names that the map styles can rely on: fonts/noto-sans-{subset}-{weight}.
function labelFonts(): Plugin {
    const files = ['vietnamese', 'latin', 'latin-ext'].flatMap(subset => [400, 600].map(weight => ({
        name: `fonts/noto-sans-${subset}-${weight}.woff2`,
        path: require.resolve(`@fontsource/noto-sans/files/noto-sans-${subset}-${weight}-normal.woff2`),
    })));
    return {
        name: 'label-fonts',
        generateBundle() {
            for (const { name, path } of files) {
                this.emitFile({ type: 'asset', fileName: name, source: readFileSync(path) });
            }
        },
    };
}

export default defineConfig({
    base: '/console/',
    plugins: [svelte(), labelFonts()],
    build: {
        target: 'es2022',
        modulePreload: { polyfill: false },
        chunkSizeWarningLimit: 1400,
        rollupOptions: { input: { index: 'index.html', report: 'report.html', wall: 'wall.html', 'map-image': 'map-image.html' } },
    },
    test: { include: ['tests/**/*.test.ts'] },
});
