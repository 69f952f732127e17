import '../ui/tokens.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { theme } from './theme.svelte';

theme.apply();
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, { target });
