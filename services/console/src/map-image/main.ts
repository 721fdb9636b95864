import '../fonts.css';
import 'maplibre-gl/dist/maplibre-gl.css';
import '../app.css';
import { mount } from 'svelte';
import MapImage from './MapImage.svelte';
import { read } from './wanted';

/// What the server waits for before it takes the picture: the sheet's size in px, or what is missing.
export type Told = { width: number; height: number } | { failed: string };

const wanted = read(location.search);
document.documentElement.lang = wanted.locale;
document.documentElement.dataset.theme = wanted.style === 'light' ? 'light' : 'dark';
Object.assign(globalThis, {
    diabanMapImage: new Promise<Told>(tell => { mount(MapImage, { target: document.getElementById('app')!, props: { wanted, tell } }); }),
});
