import '../fonts.css';
import 'maplibre-gl/dist/maplibre-gl.css';
import '../app.css';
import { mount } from 'svelte';
import Wall from './Wall.svelte';
import { language } from './words';

document.documentElement.dataset.theme = 'dark';
document.documentElement.lang = language;
mount(Wall, { target: document.getElementById('app')! });
