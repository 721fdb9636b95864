import '../fonts.css';
import '../app.css';
import './report.css';
import { mount } from 'svelte';
import Report from './Report.svelte';

mount(Report, { target: document.getElementById('app')! });
